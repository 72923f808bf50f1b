"""NSGA-II: evolution towards the whole front of accuracy against cost (Deb et al., IEEE TEC 6(2), 2002).

Notable: as in the generations of `generational_evolution.py`, parents come from everything scored so far, not from the
last population alone, and children keep the limits of their round, so that no part of the front is left out. The cost
is that of `--objective`, or the one with several limits.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture

PARENTS = 20
"""Architectures that survive and may have children; as many are drawn at random before the first children. The paper
kept 100 for 25,000 evaluations."""
CROSSOVER = 0.9
"""Probability that a child has two parents, as in the paper."""

Objectives = tuple[float, float]
"""Cost, to be low, and top-1, to be high."""


class NSGA2(ScoreBasedSearch):
    name = "nsga2"
    needs_turns = True

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        space, tried = self.context.space, self.history.tried
        missing = PARENTS - len(self.history.scored)
        if missing > 0:
            return draw_new(self.context, lambda: space.sample(rng), min(count, missing), tried)
        points = [self._objectives(scored.architecture, scored.top1) for scored in self.history.scored]
        order = survival_order(points)
        parents = [self.history.scored[i].architecture for i in order[:PARENTS]]

        def parent() -> Architecture:
            # The tournament of two: parents are in their order of survival.
            return parents[min(rng.randrange(PARENTS), rng.randrange(PARENTS))]

        def child() -> Architecture:
            made = space.crossover(parent(), parent(), rng) if rng.random() < CROSSOVER else parent()
            return space.mutate(made, rng, 1 / len(space.dimensions))

        return draw_new(self.context, child, count, tried)

    def _objectives(self, a: Architecture, top1: float) -> Objectives:
        cost = self.context.space.cost(a).figure(self.context.sweep.column)
        assert cost is not None  # the sweep has limits on it
        return cost, top1


def survival_order(points: Sequence[Objectives]) -> list[int]:
    """Indices of the points, by the front that they are in; within a front those with most room around come first."""
    order: list[int] = []
    for front in fronts(points):
        room = crowding(points, front)
        order += sorted(front, key=lambda i: -room[i])
    return order


def fronts(points: Sequence[Objectives]) -> list[list[int]]:
    """Indices of the points that nothing dominates, then of those that only these dominate, and so on.

    One point dominates another if it is better in cost or top-1 and no worse in the other.
    """
    left = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    found: list[list[int]] = []
    while left:
        front: list[int] = []
        for i in left:
            last = points[front[-1]] if front else None
            if last is None or points[i][1] > last[1] or points[i] == last:
                front.append(i)
        found.append(front)
        taken = set(front)
        left = [i for i in left if i not in taken]
    return found


def crowding(points: Sequence[Objectives], front: Sequence[int]) -> dict[int, float]:
    """The crowding distance of each point of a front: the room between its neighbours, infinite at both ends."""
    distances = dict.fromkeys(front, 0.0)
    for objective in (0, 1):
        ordered = sorted(front, key=lambda i: points[i][objective])
        spread = points[ordered[-1]][objective] - points[ordered[0]][objective]
        distances[ordered[0]] = distances[ordered[-1]] = float("inf")
        for before, i, after in zip(ordered, ordered[1:], ordered[2:], strict=False):
            if spread > 0:
                distances[i] += (points[after][objective] - points[before][objective]) / spread
    return distances
