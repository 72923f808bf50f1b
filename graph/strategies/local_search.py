"""Local search: White, Nolen and Savani, UAI 2021. From the best of a few random starts, climb to the best neighbour.

Notable: the position of a climb is computed from the scores so far and not stored. All neighbours within the limits are
proposed; when all are scored, the climb moves to the best of them, or starts elsewhere if none is better.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from graph.strategies.sampling import draw_new, within_limits
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture

STARTS = 10
"""Random architectures; a climb starts at the best of them."""
_CLIMBS = 1000


class LocalSearch(ScoreBasedSearch):
    name = "local"

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        scores = {scored.architecture: scored.top1 for scored in self.history.scored}
        for climb in range(_CLIMBS):
            unknown = self._unknown(climb, scores)
            if unknown:
                return unknown[:count]
        return []

    def _unknown(self, climb: int, scores: Mapping[Architecture, float]) -> list[Architecture]:
        """Architectures that must be scored before the climb can move; empty when it has ended."""
        rng = random.Random(f"{self.name}:{self.context.config.seed}:climb {climb}")
        around = draw_new(self.context, lambda: self.context.space.sample(rng), STARTS)
        height = float("-inf")
        while True:
            unknown = [a for a in around if a not in scores and a not in self.history.tried]
            if unknown:
                return unknown
            best = max((a for a in around if a in scores), key=lambda a: scores[a], default=None)
            if best is None or scores[best] <= height:
                return []
            height = scores[best]
            around = [a for a in self.context.space.neighbours(best) if within_limits(self.context, a)]
            rng.shuffle(around)
