"""Random search: uniform over genes, within the limits."""

from __future__ import annotations

from agents.text.proposals import Proposals
from graph.strategies.sampling import draw_new
from graph.strategies.search_strategy import SearchStrategy


class RandomSearch(SearchStrategy):
    name = "random"

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        rng = self.random(round)
        return self.proposed(draw_new(self.context, lambda: self.context.space.sample(rng), count))
