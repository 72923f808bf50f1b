"""Errors and ranks of predictions."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from studies.prediction.accuracy import agreement, write_json


def test_errors_and_ranks_are_means_over_draws() -> None:
    found = agreement([([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]), ([3.0, 2.0, 1.0], [1.0, 2.0, 3.0])])
    assert found.errors == pytest.approx([1 / 3, 4 / 3])
    assert found.taus == [1.0, -1.0]
    assert found.error == pytest.approx((5 / 6, 1 / math.sqrt(2)))
    assert found.tau == pytest.approx((0.0, math.sqrt(2)))


def test_what_has_no_prediction_is_counted_and_left_out() -> None:
    found = agreement([([None, 2.0, 3.0], [1.0, 2.0, 3.0]), ([None, None, 1.0], [1.0, 2.0, 3.0])])
    assert (found.errors, found.missing) == ([0.0], 3)
    assert math.isnan(agreement([([None], [1.0])]).error[0])


def test_predictions_that_are_all_equal_have_no_order(tmp_path: Path) -> None:
    found = agreement([([2.0, 2.0], [1.0, 3.0])])
    assert found.tau is None
    write_json({"mean": found}, {"task": "t"}, tmp_path / "p.json")
    written = json.loads((tmp_path / "p.json").read_text())
    assert written["predictors"]["mean"] == {"mean_absolute_error": [1.0], "kendall_tau": [None], "missing": 0}
