"""Random search: uniform over genes, within the limits, by rejection.

Notable: rejection is bounded. A round in which nothing keeps the limits proposes the closest miss instead, so that the
run ends with a figure and not in a loop.
"""

from __future__ import annotations

from graph.limits import costs_of
from graph.records import Proposed
from graph.strategies.base import Strategy
from supernets.space import Architecture

TRIES = 5000
"""Architectures drawn in one round at most: about half a second."""


class RandomSearch(Strategy):
    name = "random"

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        bench, rng = self.bench, self.random(round)
        found: list[Architecture] = []
        ids: set[str] = set()
        closest, closest_share = None, float("inf")
        for _ in range(TRIES):
            if len(found) == count:
                break
            a = bench.space.sample(rng)
            excess = bench.limits.excess(costs_of(bench.space.cost(a)))
            if excess is None:
                if a.id not in ids:
                    ids.add(a.id)
                    found.append(a)
            elif not found and excess.share < closest_share:
                closest, closest_share = a, excess.share
        if not found and closest is not None:
            found = [closest]
        return Proposed(tuple(bench.space.genes(a) for a in found))
