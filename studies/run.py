"""A run, finished or not, as scripts and notebooks read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from graph.archive.archive import Archive
from graph.archive.candidate_table import candidate_table
from graph.archive.ledger import ledger, run_ledger
from graph.candidate import Candidate
from graph.config import Config
from graph.defaults import RUNS
from graph.diagnosis import diagnose
from graph.events import Ledger
from graph.limits import Sweep
from graph.opening import open_space, open_supernet
from graph.record_faults import explain_faults
from graph.run_folder import RunFolder
from graph.winner import Winner, winners
from studies.front import Point, pareto_front
from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.protocol import SupernetProtocol
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from torch import nn


def load(run: Path | str, runs: Path | str = RUNS) -> Run:
    """The run in a folder, or with an id under `runs`.

    Raises:
        UserError: there is no such run, it has recorded nothing yet, or its record cannot be read.
    """
    folder = RunFolder.find(Path(runs), str(run))
    config = folder.config()
    space = open_space(config)
    nothing = f"the run {folder.id} has recorded nothing yet; continue it: --resume {folder.path}"
    if not folder.archive.exists():  # else an empty one would be made
        raise UserError(nothing)
    with explain_faults(folder), closing(Archive(folder.archive, space)) as archive:
        if not archive.has_protocol:
            raise UserError(nothing)
        return Run(folder, config, space, archive)


class Run:
    """What the record of a run held when it was loaded."""

    def __init__(self, folder: RunFolder, config: Config, space: SearchSpace, archive: Archive) -> None:
        self.id = folder.id
        self.folder = folder.path
        self.config = config
        self.space = space
        last = archive.last_round
        self.candidates: list[Candidate] = archive.candidates(1, last)
        """Every proposal with its verdict, in order."""
        self.evaluations: list[Evaluation] = archive.evaluations(1, last)
        """Every score on the search images, in order: top-1 and standard error in percent."""
        self.strategies: list[str] = [archive.guidance(number) or "" for number in range(1, last + 1)]
        """The Navigator's guidance for each round, in Markdown; empty for a strategy that writes none."""
        self.stopped_because: str = archive.stopped_because
        """Why the search ended; empty while it has not."""
        self.ledgers: list[Ledger] = [ledger(archive, number, number) for number in range(1, last + 1)]
        """What each round requested, received and spent."""
        self.total = run_ledger(archive)
        """The same of the whole run."""
        self.seconds = archive.seconds
        """Time that the run has taken, without reviews of strategies."""
        self.sweep = Sweep.of(config, space)
        """The limits that it searches within; one for most runs."""
        self.diagnosis = diagnose(archive, self.sweep.widest)
        """Why nothing new was found; empty when the search went well."""
        self.protocol = archive.protocol
        """How the scores were taken."""
        self.winners: list[Winner] = winners(archive, self.sweep)
        """The best within each limit of a search for several, the narrowest first; else one, if anything is scored."""
        self.best: Evaluation | None = self.winners[-1].search if self.winners else None
        """The highest score on all search images; None if nothing is scored yet."""
        self.report: Evaluation | None = self.winners[-1].report if self.winners else None
        """The best one's score on the report images, the figure to quote; None before the run has ended."""
        self._rows = list(candidate_table(archive, space))

    def find(self, id: str = "") -> Evaluation:
        """The score of a candidate on the search images, by its id or the beginning of it; of the best one without.

        Raises:
            UserError: no or more than one scored candidate has this id, or the run has not ended and none is named.
        """
        if self.best is None:
            raise UserError(f"the run {self.id} has scored nothing yet; continue it: --resume {self.folder}")
        highest = sorted(self.evaluations, key=lambda score: -score.top1)[:3]
        ids = f"the best have {', '.join(score.architecture.id for score in highest)}"
        if not id:
            if not self.stopped_because:
                raise UserError(
                    f"the run {self.id} is not finished; continue it with --resume {self.folder}, or name a candidate "
                    f"with --id: {ids}"
                )
            return self.best
        found = [score for score in self.evaluations if score.architecture.id.startswith(id)]
        if len(found) != 1:
            count = f"{len(found)} candidates" if found else "none"
            raise UserError(f"--id {id}: expected the id of one scored candidate of {self.id}, got {count}; {ids}")
        return found[0]

    def report_of(self, a: Architecture) -> Evaluation | None:
        """The score of a winner on the report images; None for other candidates, and before the run has ended."""
        return next((each.report for each in self.winners if each.search.architecture == a), None)

    def candidate(self, score: Evaluation) -> Candidate:
        """The proposal whose score this is."""
        return next(each for each in self.candidates if each.architecture == score.architecture)

    def network(
        self, id: str = "", *, device: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> nn.Module:
        """A scored candidate as a network with the weights and batch-norm statistics that its scores are taken with.

        It reads images `(N, 3, side, side)`, RGB with values from 0 to 1, at the side that the scores were taken at,
        and returns logits `(N, classes)`; in float32, in inference mode, independent of the supernet.

        Args:
            id: as `find` takes it.
            device: `cpu` or `cuda`; None for the fastest available.
            progress: called with the images that are decoded and those that will be.

        Raises:
            UserError: as `find` raises; the scores were looked up or predicted; weights or images have moved.
            ProtocolMismatch: weights or images are not those of the run.
        """
        from supernets.evaluate.calibrated_network import CalibratedNetwork

        a = self.find(id).architecture
        if not isinstance(self.protocol, SupernetProtocol):
            raise UserError(f"{self.config.supernet} has scores but no weights, so there is no network to load")
        evaluator, _ = open_supernet(self.config, self.protocol, device, progress)
        with closing(evaluator):
            return CalibratedNetwork(evaluator, a)

    def table(self) -> list[dict[str, Any]]:
        """A row for each candidate; `graph/archive/candidate_table.py` says of what. `pandas.DataFrame` takes it."""
        return [dict(row) for row in self._rows]

    def points(self, cost: str = "macs_m") -> list[Point]:
        """Every score on all search images with a cost, such as `macs_m`, `params_m` or `latency_ms`.

        Raises:
            KeyError: there is no such cost.
        """
        costs = {row["id"]: row[cost] for row in self._rows}
        complete = max((score.images for score in self.evaluations), default=0)
        # A race stops some candidates, whose scores are estimates from fewer images.
        scored = [score for score in self.evaluations if score.images == complete]
        known = [(costs[score.architecture.id], score) for score in scored]
        return [Point(self.folder.name, figure, score) for figure, score in known if figure is not None]

    def reported(self, cost: str = "macs_m") -> list[Point]:
        """The winners' scores on the report images with a cost; empty before the run has ended.

        Raises:
            KeyError: there is no such cost.
        """
        points = []
        for each in dict.fromkeys(winner.report for winner in self.winners if winner.report is not None):
            figure = self.space.cost(each.architecture).figures()[cost]
            if figure is not None:
                points.append(Point(self.folder.name, figure, each))
        return points

    def front(self, cost: str = "macs_m") -> list[Evaluation]:
        """The scores that no other beats at the same or a lower cost, the cheapest first; empty without that cost.

        They are scores on the search images: the best of many looks better than it is. Raises as `points` does.
        """
        return [point.score for point in pareto_front(self.points(cost))]


def comparable(runs: Sequence[Run]) -> Sequence[Run]:
    """The runs, if their scores can be compared.

    Raises:
        ProtocolMismatch: they were scored under different protocols.
    """
    for run in runs[1:]:
        runs[0].protocol.require_same(run.protocol.to_dict())
    return runs
