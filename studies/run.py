"""A run, finished or not, as scripts and notebooks read it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from common.errors import UserError
from graph.archive.archive import Archive
from graph.archive.candidate_table import candidate_table
from graph.candidate import Candidate
from graph.config import Config
from graph.defaults import RUNS
from graph.record_faults import explain_faults
from graph.run_folder import RunFolder
from studies.front import Point, pareto_front
from supernets.evaluate.evaluator import Evaluation
from supernets.families.registry import get_space
from supernets.space.space import SearchSpace


def load(run: Path | str) -> Run:
    """The run in a folder, or with an id under `runs`.

    Raises:
        UserError: there is no such run, it has recorded nothing yet, or its record cannot be read.
    """
    folder = RunFolder.find(RUNS, str(run))
    config = folder.config()
    space = get_space(config.supernet, config.dataset, config.latency_device)
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
        self.folder = folder.path
        self.config = config
        self.space = space
        last = archive.last_round
        self.candidates: list[Candidate] = archive.candidates(1, last)
        """Every proposal with its verdict, in order."""
        self.evaluations: list[Evaluation] = archive.evaluations(1, last)
        """Every score on the search images, in order: top-1 and standard error in percent."""
        self.protocol = archive.protocol
        """How the scores were taken."""
        found = archive.best()
        self.best: Evaluation | None = found and found[1]
        """The highest score on all search images; None if nothing is scored yet."""
        self.report: Evaluation | None = found and archive.find_evaluation(
            found[1].architecture, self.protocol.id, "report"
        )
        """The best one's score on the report images, the figure to quote; None before the run has ended."""
        self._rows = list(candidate_table(archive, space))

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
