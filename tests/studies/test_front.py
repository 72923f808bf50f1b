"""Fronts against their definition, on random points."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studies.front import Point, pareto_front
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
