"""Executes the unfinished runs of a study, several at a time, in a pool of processes.

Notable: a run that fails is reported and does not stop the others; an interrupted one is resumed. The function that
builds a run's evaluator and models is handed in.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from graph.archive.calls import Calls
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from studies.compare.curves import is_finished
from studies.compare.study import StudyRun
from supernets.evaluate.evaluator import Evaluator
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True)
class Parts:
    """What a search needs besides its configuration."""

    space: SearchSpace
    evaluator: Evaluator
    models: Mapping[str, Sequence[BaseChatModel]]


Assemble = Callable[[Config], Parts]
"""Called in the process of the run; a module-level function, since it is pickled."""


@dataclass(frozen=True, kw_only=True)
class StudyBudget:
    """The most that all runs of a study may spend on models; None for no limit.

    Runs that are under way are finished, so a study can spend more than this by what they still need.
    """

    tokens: int | None = None
    usd: float | None = None

    def spent(self, runs: Sequence[StudyRun]) -> str:
        """Why no further run with models may begin; empty if it may."""
        if self.tokens is None and self.usd is None:
            return ""
        tokens, usd = map(sum, zip((0, 0.0), *(_spent(run) for run in runs if run.config.models), strict=True))
        if self.tokens is not None and tokens >= self.tokens:
            return f"not begun: the study's budget of {self.tokens:,} tokens is spent ({tokens:,})"
        if self.usd is not None and usd >= self.usd:
            return f"not begun: the study's budget of ${self.usd:g} is spent (${usd:.4g})"
        return ""


def _spent(run: StudyRun) -> tuple[int, float]:
    """Tokens and US dollars that a run has spent so far."""
    archive = RunFolder(run.folder).archive
    if not archive.exists():
        return 0, 0.0
    with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return Calls(connection).spent


def run_all(
    runs: Sequence[StudyRun],
    assemble: Assemble,
    workers: int,
    progress: Callable[[int, int], None],
    budget: StudyBudget,
) -> dict[Path, str]:
    """Finish every run; returns folders and errors of those that failed, or that the budget did not allow.

    Raises:
        UserError: `workers` is less than 1.
    """
    if workers < 1:
        raise UserError(f"--workers: expected 1 or more, got {workers}")
    waiting = deque(run for run in runs if not is_finished(run))
    done = len(runs) - len(waiting)
    progress(done, len(runs))
    failed: dict[Path, str] = {}
    running: dict[Future[str], StudyRun] = {}
    # Forked children would share threads and locks of torch and SQLite with this process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, max(1, len(waiting))), mp_context=context) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    run = waiting.popleft()
                    if run.config.models and (reason := budget.spent(runs)):
                        failed[run.folder] = reason
                        done += 1
                    else:
                        running[pool.submit(_run, run, assemble)] = run
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    run = running.pop(future)
                    if problem := future.result():
                        failed[run.folder] = problem
                    done += 1
                progress(done, len(runs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def _run(run: StudyRun, assemble: Assemble) -> str:
    """The error of a run; empty for success."""
    try:
        folder = RunFolder.at(run.folder, run.config)
        parts = assemble(run.config)
        found = Search(
            config=run.config,
            space=parts.space,
            evaluator=parts.evaluator,
            models=parts.models,
            folder=folder,
            sink=lambda event: None,
        ).run()
    except UserError as error:
        return str(error)
    return "" if found else "no legal architecture was proposed"
