from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.cost_window import CostTarget, cost_target
from agents.models.analyst.gene_table import Matrix
from tests.agents.models.analyst.small_space import TABLE


def model(base: float, error: float = 0.01) -> CostModel:
    """A cost of `base`, which the next larger image side doubles."""
    cells = np.zeros((len(TABLE.genes), TABLE.width))
    cells[TABLE.position["r"], 1] = np.log(2)
    return CostModel(base=base, times=cells.reshape(-1), plus=np.zeros(cells.size), error=error, rows=20)


@pytest.fixture
def both_sides() -> Matrix:
    """One architecture of cost `base`, and one of twice that."""
    x = np.zeros((2, len(TABLE.genes)), dtype=np.int64)
    x[1, TABLE.position["r"]] = 1
    return TABLE.hot(x)


def target(limit: float, error: float = 0.01) -> CostTarget:
    return cost_target({"macs_m": model(10.0, error)}, (("macs_m", limit),))


@pytest.mark.parametrize(("error", "high"), [(0.01, 0.994), (1.0, 0.975)])
def test_the_window_is_further_below_the_limit_the_poorer_the_cost_model(error: float, high: float) -> None:
    assert target(15.0, error).window("macs_m") == pytest.approx((high - 0.02, high))


def test_excess_is_the_log_of_predicted_cost_over_the_window(both_sides: Matrix) -> None:
    top = 15 * 0.994
    assert target(15.0).excess(both_sides) == pytest.approx(np.log([10 / top, 20 / top]))


def test_the_limit_that_is_most_used_up_decides(both_sides: Matrix) -> None:
    models = {"macs_m": model(10.0), "params_m": model(3.0)}
    limits = (("macs_m", 100.0), ("params_m", 5.0))
    assert cost_target(models, limits).excess(both_sides) == pytest.approx(np.log(np.array([3, 6]) / (5 * 0.994)))


def test_a_cost_over_the_limit_is_far_worse_than_one_below_the_window(both_sides: Matrix) -> None:
    below, over = target(15.0).penalty(both_sides)
    assert 0 < below < over / 10
    assert target(20.2).penalty(both_sides)[1] == 0


def test_a_limit_without_a_cost_model_is_ignored(both_sides: Matrix) -> None:
    unknown = cost_target({}, (("latency_ms", 5.0),))
    assert unknown.main == "latency_ms"
    assert not unknown.limited
    for values in (unknown.log_cost(both_sides), unknown.excess(both_sides), unknown.penalty(both_sides)):
        assert values.tolist() == [0.0, 0.0]


def test_without_a_limit_macs_are_the_main_cost(both_sides: Matrix) -> None:
    free = cost_target({"macs_m": model(10.0)}, ())
    assert free.log_cost(both_sides) == pytest.approx(np.log([10, 20]))
    assert free.penalty(both_sides).tolist() == [0.0, 0.0]
