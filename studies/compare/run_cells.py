"""Runs the unfinished runs of a study, several at a time, each in a process of a pool.

Notable: a run that fails is reported and leaves the others alone; one that was stopped is continued. How a run gets its
evaluator and models is handed in.
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
from studies.compare.study import Cell
from supernets.evaluate.evaluator import Evaluator
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True)
class Parts:
    """What a search needs beside its configuration."""

    space: SearchSpace
    evaluator: Evaluator
    models: Mapping[str, Sequence[BaseChatModel]]


Assemble = Callable[[Config], Parts]
"""Called in the process of the run; a function of a module, so that it can be named to that process."""


def run_all(
    cells: Sequence[Cell], assemble: Assemble, workers: int, progress: Callable[[int, int], None]
) -> dict[Path, str]:
    """Finish every run; folders and errors of those that could not be finished.

    Raises:
        UserError: `workers` is less than 1.
    """
    if workers < 1:
        raise UserError(f"--workers: expected 1 or more, got {workers}")
    waiting = [cell for cell in cells if not is_finished(cell)]
    done = len(cells) - len(waiting)
    progress(done, len(cells))
    failed: dict[Path, str] = {}
    # Forked children would share threads and locks of torch and SQLite with this process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, max(1, len(waiting))), mp_context=context) as pool:
        futures = {pool.submit(_run, cell, assemble): cell for cell in waiting}
        try:
            for future in as_completed(futures):
                if problem := future.result():
                    failed[futures[future].folder] = problem
                done += 1
                progress(done, len(cells))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def _run(cell: Cell, assemble: Assemble) -> str:
    """What kept the run from its result; empty when nothing did."""
    try:
        folder = RunFolder.at(cell.folder, cell.config)
        parts = assemble(cell.config)
        found = Search(cell.config, parts.space, parts.evaluator, parts.models, folder, lambda event: None).run()
    except UserError as error:
        return str(error)
    return "" if found else "no legal architecture was proposed"
