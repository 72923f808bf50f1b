"""Fronts against their definition, on random points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.front import Point, hypervolume, hypervolumes, pareto_front
from supernets.evaluate.evaluator import Evaluation
from tests.graph.fakes import SPACE

ARCHITECTURE = SPACE.smallest()


def points(pairs: list[tuple[float, float]]) -> list[Point]:
    return [Point("run", cost, Evaluation(ARCHITECTURE, top1, 0.5, 100, 0.0, "p")) for cost, top1 in pairs]


def pairs(found: list[Point]) -> list[tuple[float, float]]:
    return [(point.cost, point.score.top1) for point in found]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_the_front_is_what_nothing_dominates(given: list[tuple[int, int]]) -> None:
    def dominated(cost: float, top1: float) -> bool:
        return any(c <= cost and t >= top1 and (c, t) != (cost, top1) for c, t in given)

    expected = sorted({pair for pair in given if not dominated(*pair)})
    assert pairs(pareto_front(points([(float(c), float(t)) for c, t in given]))) == expected


def test_of_equal_points_the_first_stays() -> None:
    first, second = points([(1.0, 70.0), (1.0, 70.0)])
    assert pareto_front([first, second])[0] is first


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1))
def test_the_hypervolume_is_the_area_that_is_dominated(given: list[tuple[int, int]]) -> None:
    # Unit squares below and to the right of a point, up to cost 10 and from accuracy 0.
    dominated = {(x, y) for x in range(10) for y in range(10) if any(c <= x and t > y for c, t in given)}
    found = hypervolume(points([(float(c), float(t)) for c, t in given]), 10, 0)
    assert found == len(dominated)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1))
def test_hypervolumes_grow_to_that_of_all(given: list[tuple[int, int]]) -> None:
    all_points = points([(float(c), float(t)) for c, t in given])
    found = hypervolumes(all_points, (10, 0))
    assert found == [hypervolume(all_points[:count], 10, 0) for count in range(1, len(all_points) + 1)]
    assert found == sorted(found)


def test_front_and_hypervolume_are_those_of_a_library() -> None:
    pytest.importorskip("pymoo")
    from pymoo.indicators.hv import HV
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    rng = np.random.default_rng(0)
    for _ in range(50):
        pairs_ = np.round(rng.uniform((100, 60), (500, 80), (40, 2)), 1)
        ours = points([(float(c), float(t)) for c, t in pairs_])
        objectives = np.column_stack([pairs_[:, 0], -pairs_[:, 1]])
        first = NonDominatedSorting().do(objectives, only_non_dominated_front=True)
        assert sorted(map(tuple, pairs_[first])) == pairs(pareto_front(ours))
        assert hypervolume(ours, 500, 60) == pytest.approx(HV(ref_point=np.array([500.0, -60.0]))(objectives))
