from __future__ import annotations

import math

import numpy as np
import pytest

from common.errors import UserError
from supernets.evaluate.evaluator import standard_error
from tests.graph.fakes import FormulaEvaluator


@pytest.mark.parametrize(("top1", "images"), [(0.0, 10), (50.0, 100), (76.5, 10_000), (100.0, 1)])
def test_a_standard_error_is_binomial(top1: float, images: int) -> None:
    share = top1 / 100
    assert standard_error(top1, images) == pytest.approx(100 * math.sqrt(share * (1 - share) / images))


def test_an_array_has_the_errors_of_its_entries() -> None:
    top1 = np.linspace(0, 100, 50)
    assert standard_error(top1, 300).tolist() == pytest.approx([standard_error(float(each), 300) for each in top1])


def test_an_evaluator_that_sees_no_images_does_not_race() -> None:
    evaluator = FormulaEvaluator()
    evaluator.on_message("nobody listens")
    with pytest.raises(UserError, match="--fidelity race needs scores that are measured on images"):
        evaluator.racing((), 0.01)
    evaluator.close()
