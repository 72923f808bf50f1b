"""Predicted scores. Nothing is measured, so the report adds no information to the search; the notes of a run say so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.evaluate.protocol import PredictedProtocol
from supernets.space.architecture import Architecture

Predict = Callable[[Sequence[Architecture]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Predicts top-1 and standard errors, in percent."""


class PredictedEvaluator(Evaluator):
    """Scores by a prediction; `images` is the number of images on which the known networks were measured."""

    protocol: PredictedProtocol
    instant = True

    def __init__(self, predict: Predict, protocol: PredictedProtocol) -> None:
        self._predict = predict
        self.protocol = protocol

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return (self.report(a) for a in archs)

    def report(self, a: Architecture) -> Evaluation:
        started = time.perf_counter()
        (top1,), (stderr,) = self._predict([a])
        seconds = time.perf_counter() - started
        return Evaluation(a, float(top1), float(stderr), self.protocol.search_images, seconds, self.protocol.id)
