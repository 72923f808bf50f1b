"""Fronts of accuracy against cost: the scores that nothing of the same or a lower cost beats."""

from __future__ import annotations

from collections.abc import Iterable
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
