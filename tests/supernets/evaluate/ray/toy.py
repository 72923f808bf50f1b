"""Workers that need neither networks nor images: a formula scores, in processes that are real."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from supernets import Architecture
from supernets.evaluate.evaluator import Evaluation, OutOfMemory
from supernets.evaluate.ray.worker import Told, Worker
from supernets.evaluators import Opened, Sources
from tests.graph.fakes import SPACE, protocol
from tests.graph.test_race import HitsEvaluator

SOURCES = Sources("ofa", Path())
DEADLY, LARGE, SLOW = SPACE.smallest(), SPACE.largest(), SPACE.from_choices(dict.fromkeys(
    (d.label for d in SPACE.dimensions), 3) | {"r": 224})  # fmt: skip
"""Architectures that kill who scores them, that no memory holds, and that take seconds."""


class FormulaWorker(Worker):
    """Scores as `FormulaEvaluator`, and races."""

    def open(self, sources: Sources) -> Told:
        if sources.progress:
            sources.progress(1, 2)
        self._opened = Opened(HitsEvaluator(), ())
        return Told(self._opened.evaluator.protocol, (), (), ())

    def evaluate(self, archs: Sequence[Architecture]) -> list[Evaluation]:
        if DEADLY in archs:
            os._exit(1)
        if LARGE in archs:
            raise OutOfMemory("out of memory on toy")
        time.sleep(2 if SLOW in archs else 0)
        return super().evaluate(archs)


class DifferentWorker(FormulaWorker):
    """Each has weights of its own."""

    def open(self, sources: Sources) -> Told:
        return Told(protocol(f"those of process {os.getpid()}"), (), (), ())
