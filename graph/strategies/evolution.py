"""Regularised (ageing) evolution: Real, Aggarwal, Huang and Le, AAAI 2019, algorithm 1.

Notable: one child a round, because each child may be the next one's parent. What is already known is not proposed
again: a repeat would cost nothing here and teach nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graph.bench import Bench
from graph.records import Proposed
from graph.strategies.base import Strategy
from graph.strategies.drawing import draw_new
from graph.strategies.measured import Measured

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

POPULATION, SAMPLE = 10, 5
"""Living members, and how many compete to be a parent. Dong and Yang (NAS-Bench-201, ICLR 2020) keep 10 for short
searches; Real et al. kept 100 for 20,000 evaluations."""


class AgeingEvolution(Strategy):
    name = "evolution"
    batch = 1

    def __init__(self, bench: Bench, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(bench, models)
        self._measured = Measured(bench)

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        measured, space, rng = self._measured, self.bench.space, self.random(round)
        measured.read(round)
        if len(measured.scored) < POPULATION:
            return self.proposed(draw_new(self.bench, lambda: space.sample(rng), count, measured.tried))
        living = measured.scored[-POPULATION:]
        parent = max(rng.sample(living, SAMPLE), key=lambda member: member.top1).architecture
        return self.proposed(draw_new(self.bench, lambda: space.change_one(parent, rng), count, measured.tried))
