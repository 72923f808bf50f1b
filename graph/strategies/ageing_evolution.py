"""Regularised (ageing) evolution: Real, Aggarwal, Huang and Le, AAAI 2019, algorithm 1.

Notable: one child per round, because each child may be the next one's parent. Known architectures are not proposed
again: a repeat would cost no evaluation and add no information.
"""

from __future__ import annotations

import random

from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture

POPULATION, SAMPLE = 10, 5
"""Living members, and how many compete to be a parent. Dong and Yang (NAS-Bench-201, ICLR 2020) keep 10 for short
searches; Real et al. kept 100 for 20,000 evaluations."""


class AgeingEvolution(ScoreBasedSearch):
    name = "evolution"
    batch = 1

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured, space = self.history, self.context.space
        if len(measured.scored) < POPULATION:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        living = [member for member in measured.scored[-POPULATION:] if measured.keeps_limits(member)]
        if not living:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        parent = max(rng.sample(living, min(SAMPLE, len(living))), key=lambda member: member.top1).architecture
        return draw_new(self.context, lambda: space.change_one(parent, rng), count, measured.tried)
