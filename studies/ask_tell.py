"""Searches for people who score on their own hardware: `ask` for architectures, `tell` their scores.

Notable: the search is the one of `graph.search`, run from its record whenever all scores that it asked for are told,
up to the point where it asks for more. So a process may end at any time, and `AskTell.resume` goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from agents.model_errors import ModelError
from common.errors import UserError
from graph.config import Config
from graph.defaults import RUNS
from graph.events import Event, RunStarted, Sink
from graph.opening import open_models, open_space
from graph.run_folder import RunFolder
from graph.search import Search, check
from studies.run import Run, load
from studies.run_search import Models, SearchSettings, ignore_event, new_config
from supernets.evaluate.own_scores import OwnScores, ScoresAwaited
from supernets.evaluate.protocol import OwnProtocol
from supernets.space.architecture import Architecture

_FILE = "own_scores.json"
_UNUSED = ("weights", "images", "imagenet", "predictor", "dataset", "epochs", "device", "fidelity", "race_error")
"""Settings of scores that this program takes itself."""


class AskTell:
    """A search whose scores are told; `start` begins one, `resume` continues one.

    Attributes:
        space: the space that is searched; `space.genotype(a)` is what another program reads.
        split: what to score on: `search` while the search goes on, then `report`, images that chose nothing.
    """

    def __init__(self, config: Config, folder: RunFolder, scores: OwnScores, on_event: Sink) -> None:
        self.folder = folder.path
        self.space = open_space(config)
        self._scores = scores
        self._on_event = on_event
        self._begun = False
        self._ended = False
        self._search = Search(
            config=config, space=self.space, evaluator=scores, models=open_models(config), folder=folder,
            sink=self._emit,
        )  # fmt: skip

    @classmethod
    def start(
        cls,
        supernet: str,
        *,
        how: str,
        search_images: int,
        report_images: int,
        llm: Models = None,
        runs: Path | str = RUNS,
        name: str | None = None,
        on_event: Sink = ignore_event,
        **settings: Unpack[SearchSettings],
    ) -> AskTell:
        """A new search in a run folder under `runs`.

        Args:
            how: how you take scores, as a clause that language models read, such as "on my board, in int8".
            search_images: number of images that candidates are scored on.
            report_images: number of other images, on which the winner is scored in the end.
            llm, name, on_event, settings: as `collm_nas.search` takes them.

        Raises:
            UserError: a setting that cannot be used, or one that says how this program would score.
        """
        if unused := [name for name in _UNUSED if name in settings]:
            raise UserError(f"{', '.join(unused)}: scores are told, so this program takes none; leave it out")
        if not how.strip() or min(search_images, report_images) < 1:
            raise UserError(
                "expected how scores are taken and 1 image or more for each split, got "
                f"how={how!r}, search_images={search_images}, report_images={report_images}"
            )
        config = new_config(supernet, llm, **settings)
        space = open_space(config)
        check(config, space)
        folder = RunFolder.create(Path(runs), config, name)
        protocol = OwnProtocol(
            supernet=space.name, search_images=search_images, report_images=report_images, how=how.strip()
        )
        scores = OwnScores(folder.path / _FILE, protocol)
        scores.save()
        return cls(config, folder, scores, on_event)

    @classmethod
    def resume(cls, run: Path | str, *, runs: Path | str = RUNS, on_event: Sink = ignore_event) -> AskTell:
        """A search that was started earlier, named by its folder or by its id under `runs`.

        Raises:
            UserError: there is no such run, or its scores were not told.
        """
        folder = RunFolder.find(Path(runs), str(run))
        return cls(folder.config(), folder, OwnScores.read(folder.path / _FILE), on_event)

    @property
    def split(self) -> str:
        return self._scores.split

    def ask(self, count: int | None = None) -> list[Architecture]:
        """Architectures to score now, in the order of the proposals; those asked for before come again until told.

        After the last round it is the winner alone, with `split` `report`; once that is told, nothing.

        Args:
            count: maximum number of them; None for all that can be known now, the rest of the round.

        Raises:
            UserError: the search cannot go on.
            ModelError: a language model failed permanently; ask again to go on.
        """
        if not self._scores.awaited and not self._ended:
            self._advance()
        return self._scores.awaited[:count]

    def tell(self, architecture: Architecture, top1: float, stderr: float | None = None) -> None:
        """The score of an architecture that was asked for; it is on disk when this returns.

        Args:
            top1: accuracy in percent, from 0 to 100.
            stderr: its standard error in percentage points; None for that of counting on the images of the split.

        Raises:
            UserError: its score is not awaited, or a number is not a percentage; nothing is lost then.
        """
        self._scores.tell(architecture, top1, stderr)

    def run(self) -> Run:
        """The record so far, with everything told; `Run.best` and, once it is told, `Run.report` are the result."""
        if not self._scores.awaited and not self._ended:
            self._advance()
        return load(self.folder)

    def _advance(self) -> None:
        """Run the search until it needs scores that are not told, or ends."""
        try:
            self._search.run()
            self._ended = True
        except ScoresAwaited:
            pass
        except ModelError as error:
            again = f"ask again, or AskTell.resume({str(self.folder)!r})"
            raise ModelError(f"{error} What was told is kept; {again}") from None

    def _emit(self, event: Event) -> None:
        if isinstance(event, RunStarted):  # the search starts from its record many times
            if self._begun:
                return
            self._begun = True
        self._on_event(event)
