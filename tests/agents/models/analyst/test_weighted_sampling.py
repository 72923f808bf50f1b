from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.cost_window import CostTarget, cost_target
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.weighted_sampling import Sampler
from tests.agents.models.analyst.small_space import FEATURES, TABLE, cost, everything

FREE = cost_target({}, ())
EVEN = np.ones(len(TABLE.genes) * TABLE.width)


@pytest.fixture(scope="module")
def limited() -> CostTarget:
    x = everything()
    return cost_target({"macs_m": fit_cost(FEATURES, x, cost(x))}, (("macs_m", 60.0),))


def sampled(target: CostTarget, count: int, weights: Matrix = EVEN, avoid: tuple[str, ...] = ()) -> Indices:
    return np.array(Sampler(FEATURES, target, weights).near(np.random.default_rng(0), count, avoid))


def test_samples_are_distinct_canonical_and_avoid_what_is_named() -> None:
    first = sampled(FREE, 10)
    again = sampled(FREE, 10, avoid=tuple(TABLE.mark(x) for x in first))
    marks = [TABLE.mark(x) for x in (*first, *again)]
    assert len(set(marks)) == 20
    assert np.array_equal(TABLE.canonical(first), first)


def test_a_weight_of_zero_is_never_sampled_and_a_large_one_often() -> None:
    weights = EVEN.copy().reshape(len(TABLE.genes), TABLE.width)
    op, r = TABLE.position["op"], TABLE.position["r"]
    weights[op] = [0, 1, 0]
    weights[r] = [1, 1, 8]
    drawn = sampled(FREE, 40, weights.reshape(-1))
    assert set(drawn[:, op]) == {1}
    assert (drawn[:, r] == 2).mean() > 0.4


def test_samples_lie_in_the_window_below_the_limit(limited: CostTarget) -> None:
    drawn = sampled(limited, 12)
    predicted = np.exp(limited.log_cost(TABLE.hot(drawn))) / 60
    low, high = limited.window("macs_m")
    assert (predicted <= high + 1e-9).all()
    assert (predicted >= low - 1e-9).all()
    # More than one dimension is used to get there.
    assert len(np.unique(drawn[:, TABLE.position["r"]])) > 1


def test_if_too_few_are_in_the_window_the_nearest_follow(limited: CostTarget) -> None:
    drawn = sampled(limited, 60)
    penalties = limited.penalty(TABLE.hot(drawn))
    assert len(drawn) == 60
    assert penalties[0] == 0
    assert penalties[-1] > 0


def test_a_space_that_is_smaller_than_the_request_is_exhausted() -> None:
    weights = np.zeros((len(TABLE.genes), TABLE.width))
    weights[:, 0] = 1
    weights[TABLE.position["op"]] = 1
    assert len(sampled(FREE, 10, weights.reshape(-1))) == 3


def test_an_excluded_combination_is_never_sampled() -> None:
    op, r = TABLE.position["op"], TABLE.position["r"]
    combination = np.zeros((2, len(TABLE.genes), TABLE.width), dtype=np.int64)
    combination[0, op, 1] = combination[1, r, [0, 2]] = 1
    sampler = Sampler(FEATURES, FREE, EVEN, [combination.reshape(2, -1)])
    drawn = np.array(sampler.near(np.random.default_rng(0), 60, ()))
    assert set(drawn[drawn[:, op] == 1, r]) == {1}
    assert set(drawn[drawn[:, op] != 1, r]) == {0, 1, 2}
