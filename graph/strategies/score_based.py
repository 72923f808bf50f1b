"""Strategies that learn from scores alone: what a search has measured so far, and what all of them do with it.

Notable: closed rounds never change, so each is read once; what a strategy makes of them depends on them alone, and a
run that was interrupted goes on as if it had not been.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.strategies.base import SearchStrategy
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class ScoreHistory:
    """Every scored architecture of the rounds before one, in the order of scoring."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._rounds = 0
        self.scored: list[Evaluation] = []
        self.tried: set[Architecture] = set()
        """Every architecture that was proposed, over the limit or not."""

    def read(self, round: int) -> None:
        """Take in the rounds up to `round` - 1."""
        archive, first, last = self._context.archive, self._rounds + 1, round - 1
        self.tried |= {c.architecture for c in archive.candidates(first, last) if c.architecture}
        self.scored += archive.evaluations(first, last)
        self._rounds = max(self._rounds, round - 1)

    def best(self, count: int) -> list[Evaluation]:
        """The best so far, best first; of equals, the earlier."""
        return sorted(self.scored, key=lambda scored: -scored.top1)[:count]


class ScoreBasedSearch(SearchStrategy):
    """A strategy that asks no model: from all scores of earlier rounds it draws what is to be scored next."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self.history = ScoreHistory(context)

    def propose(self, round: int, plan: str, count: int) -> Proposals:
        self.history.read(round)
        return self.proposed(self.draw(count, self.random(round)))

    @abstractmethod
    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        """At most `count` architectures, given `history`."""
