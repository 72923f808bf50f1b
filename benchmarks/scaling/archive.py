"""How many scores a second archives take from many processes: each into a file of its own, or all into one.

Notable: the archive is the real one and so is the disk; a score is on it before the next one is written. A single file
for several runs is not how the program works: it is measured to know when a server would have to take its place.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import random
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np

from graph.archive.archive import Archive
from graph.candidate import Candidate
from supernets.evaluate.evaluator import Evaluation
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

SECONDS = 2.0
"""For which each number of writers is watched."""
_WARM_UP = 0.5
_PATIENCE_MS = 60_000
"""For the lock of a shared file; longer than the program's own five seconds, so that slow is told from failed."""
_SPACE = get_space("nasbench201")


@dataclass(frozen=True)
class Load:
    """Processes that write to files of their own or to one, a score as soon as the last is written or at a pace."""

    writers: int
    shared: bool
    per_second: float = math.inf
    """Scores that all writers together try to write."""


def measure(load: Load) -> dict[str, float]:
    """Scores a second, and milliseconds until one is on the disk; `worst_per_second` is of the writer served least."""
    by_writer = _waits(load)
    waits = 1e3 * np.concatenate(by_writer)
    figures = {
        "per_second": len(waits) / SECONDS,
        "worst_per_second": min(map(len, by_writer)) / SECONDS,
        "median_ms": np.median(waits),
        "p99_ms": np.percentile(waits, 99),
        "longest_ms": waits.max(),
    }
    return {"writers": load.writers, **{name: round(float(figure), 2) for name, figure in figures.items()}}


def _waits(load: Load) -> list[list[float]]:
    """Seconds that each score took until it was on the disk, for each writer."""
    # Forked, so that 64 writers do not import the program 64 times while the clock runs.
    context = multiprocessing.get_context("fork")
    barrier: Barrier = context.Barrier(load.writers)
    found: Any = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{0 if load.shared else writer}.sqlite" for writer in range(load.writers)]
        for path in set(paths):
            Archive(path, _SPACE).close()
        pause = load.writers / load.per_second
        processes = [
            context.Process(target=_write, args=(path, writer, pause, barrier, found))
            for writer, path in enumerate(paths)
        ]
        for process in processes:
            process.start()
        waits = [found.get() for _ in processes]
        for process in processes:
            process.join()
    return waits


def _write(path: Path, writer: int, pause: float, barrier: Barrier, found: Any) -> None:
    archive = Archive(path, _SPACE)
    archive.connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    rng = random.Random(writer)
    barrier.wait()
    began = time.perf_counter()
    waits: list[float] = []
    for index in itertools.count():
        time.sleep(rng.expovariate(1 / pause) if pause else 0)
        asked = time.perf_counter()
        if asked > began + _WARM_UP + SECONDS:
            break
        archive.score(*_scored(writer, index), "search", asked - began)
        if asked > began + _WARM_UP:
            waits.append(time.perf_counter() - asked)
    archive.close()
    found.put(waits)


def _scored(writer: int, index: int) -> tuple[Candidate, Evaluation]:
    a = Architecture("any", (("writer", writer), ("index", index)))
    return Candidate(writer + 1, index, "{}"), Evaluation(a, 75.0, 0.4, 10_000, 1.0, "protocol")
