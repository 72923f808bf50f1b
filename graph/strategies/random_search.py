"""Random search: uniform over genes, within the limits."""

from __future__ import annotations

from graph.archive.records import Proposed
from graph.strategies.base import Strategy
from graph.strategies.sampling import draw_new


class RandomSearch(Strategy):
    name = "random"

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        rng = self.random(round)
        return self.proposed(draw_new(self.bench, lambda: self.bench.space.sample(rng), count))
