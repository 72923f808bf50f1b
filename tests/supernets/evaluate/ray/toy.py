"""Evaluators that need neither networks nor images: a formula scores, in real worker processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from supernets.evaluate.evaluator import Evaluation, Opened, OutOfMemory
from supernets.evaluate.request import EvaluatorRequest
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE, protocol
from tests.graph.test_race import HitsEvaluator

SOURCES = EvaluatorRequest(supernet="ofa", cache=Path())
DEADLY, LARGE, SLOW = SPACE.smallest(), SPACE.largest(), SPACE.from_choices(dict.fromkeys(
    (d.label for d in SPACE.dimensions), 3) | {"r": 224})  # fmt: skip
"""Architectures that kill who scores them, that no memory holds, and that take seconds."""


class ToyEvaluator(HitsEvaluator):
    """Scores as `FormulaEvaluator`, and races."""

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        if DEADLY in archs:
            os._exit(1)
        if LARGE in archs:
            raise OutOfMemory("out of memory on toy")
        time.sleep(2 if SLOW in archs else 0)
        return super().evaluate(archs)


def open_toy(request: EvaluatorRequest) -> Opened:
    if request.progress:
        request.progress(1, 2)
    return Opened(evaluator=ToyEvaluator(), settings_shown=())


def open_different(request: EvaluatorRequest) -> Opened:
    """Each process has weights of its own."""
    evaluator = ToyEvaluator()
    evaluator.protocol = protocol(f"those of process {os.getpid()}")
    return Opened(evaluator=evaluator, settings_shown=())
