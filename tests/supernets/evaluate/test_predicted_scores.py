from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from supernets.evaluate.predicted_scores import PredictedEvaluator
from supernets.evaluate.protocol import PredictedProtocol
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE

PROTOCOL = PredictedProtocol("ofa", 500, 500, "hash", 7)


def predict(archs: Sequence[Architecture]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(a["r"]) / 4 for a in archs]), np.full(len(archs), 0.5)


def test_scores_and_reports_are_the_same_predictions() -> None:
    evaluator = PredictedEvaluator(predict, PROTOCOL)
    archs = [SPACE.largest(), SPACE.smallest()]
    found = list(evaluator.evaluate(archs))
    assert [(e.architecture, e.top1, e.stderr, e.images) for e in found] == [
        (archs[0], 56.0, 0.5, 500), (archs[1], 40.0, 0.5, 500),
    ]  # fmt: skip
    assert evaluator.report(archs[0]).top1 == 56.0
    assert {e.protocol for e in found} == {PROTOCOL.id}
    assert evaluator.instant


def test_nothing_is_predicted_before_it_is_asked_for() -> None:
    def refuse(archs: Sequence[Architecture]) -> tuple[np.ndarray, np.ndarray]:
        raise RuntimeError

    coming = PredictedEvaluator(refuse, PROTOCOL).evaluate([SPACE.largest()])
    with pytest.raises(RuntimeError):
        next(coming)
