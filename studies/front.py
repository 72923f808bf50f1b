"""Fronts of accuracy against cost: the scores that nothing of the same or a lower cost beats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supernets.evaluate.evaluator import Evaluation


@dataclass(frozen=True)
class Point:
    """A scored candidate of a run, and its cost."""

    run: str
    """Id of the run."""
    cost: float
    score: Evaluation
    """Top-1 on the search images."""


def pareto_front(points: Iterable[Point]) -> list[Point]:
    """The points that no other beats at the same or a lower cost, the cheapest first; of equals, the first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.score.top1)):
        if not front or point.score.top1 > front[-1].score.top1:
            front.append(point)
    return front


def hypervolume(points: Iterable[Point], cost: float, top1: float) -> float:
    """The area that a front dominates, up to a reference point of a high cost and a low accuracy.

    In percentage points times the unit of the cost; points beyond the reference count nothing.
    """
    area, before = 0.0, top1
    for point in pareto_front(points):
        if point.cost < cost and point.score.top1 > before:
            area += (cost - point.cost) * (point.score.top1 - before)
            before = point.score.top1
    return area


def hypervolumes(points: Sequence[Point], reference: tuple[float, float] | None = None) -> list[float]:
    """The hypervolume of the first points, for each number of them.

    Args:
        reference: a high cost and a low accuracy; None for the highest and the lowest of the points.
    """
    worst = max(point.cost for point in points), min(point.score.top1 for point in points)
    cost, top1 = reference or worst
    found, front = [], list[Point]()
    for point in points:
        front = pareto_front([*front, point])
        found.append(hypervolume(front, cost, top1))
    return found
