"""Executes the unfinished runs of a study, several at a time, in a pool of processes.

Notable: a run that fails is reported and does not stop the others; an interrupted one is resumed. The function that
builds a run's evaluator and models is handed in.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
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


def run_all(
    runs: Sequence[StudyRun], assemble: Assemble, workers: int, progress: Callable[[int, int], None]
) -> dict[Path, str]:
    """Finish every run; returns folders and errors of those that failed.

    Raises:
        UserError: `workers` is less than 1.
    """
    if workers < 1:
        raise UserError(f"--workers: expected 1 or more, got {workers}")
    waiting = [run for run in runs if not is_finished(run)]
    done = len(runs) - len(waiting)
    progress(done, len(runs))
    failed: dict[Path, str] = {}
    # Forked children would share threads and locks of torch and SQLite with this process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, max(1, len(waiting))), mp_context=context) as pool:
        futures = {pool.submit(_run, run, assemble): run for run in waiting}
        try:
            for future in as_completed(futures):
                if problem := future.result():
                    failed[futures[future].folder] = problem
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
