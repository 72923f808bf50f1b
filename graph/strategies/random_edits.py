"""Random edits of the best so far: a control for language models, which see the same scores and edit the same rows.

Each proposal is one of the best five with one or two genes changed at random. A model that does no better contributes
only its selection of parents.
"""

from __future__ import annotations

import random

from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture

PARENTS = 5


class RandomEdits(ScoreBasedSearch):
    name = "random-edits"

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured, space = self.history, self.context.space
        parents = [scored.architecture for scored in measured.best(PARENTS)]

        def edited() -> Architecture:
            if not parents:
                return space.sample(rng)
            once = space.change_one(rng.choice(parents), rng)
            return once if rng.random() < 0.5 else space.change_one(once, rng)

        return draw_new(self.context, edited, count, measured.tried)
