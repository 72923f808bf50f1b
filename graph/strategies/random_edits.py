"""Random edits of the best so far: the control for language models, which see the same scores and edit the same rows.

Each proposal is one of the best five with one or two genes changed at random. A model that does no better has added
nothing but its selection of parents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graph.bench import Bench
from graph.records import Proposed
from graph.strategies.base import Strategy
from graph.strategies.drawing import draw_new
from graph.strategies.measured import Measured
from supernets.space import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PARENTS = 5


class RandomEdits(Strategy):
    name = "random-edits"

    def __init__(self, bench: Bench, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(bench, models)
        self._measured = Measured(bench)

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        measured, space, rng = self._measured, self.bench.space, self.random(round)
        measured.read(round)
        parents = [scored.architecture for scored in measured.best(PARENTS)]

        def draw() -> Architecture:
            if not parents:
                return space.sample(rng)
            once = space.change_one(rng.choice(parents), rng)
            return once if rng.random() < 0.5 else space.change_one(once, rng)

        return self.proposed(draw_new(self.bench, draw, count, measured.tried))
