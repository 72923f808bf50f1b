"""Strategies that learn from scores, without a language model, and the history of scores that they share.

Notable: closed rounds never change, so each is read once. Proposals depend on closed rounds only, so an interrupted run
continues as if it had not been interrupted.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.strategies.search_strategy import SearchStrategy
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
        """Every architecture that was proposed, over the limit or not, and its twins."""

    def read(self, round: int) -> None:
        """Add the rounds up to `round` - 1."""
        archive, first, last = self._context.archive, self._rounds + 1, round - 1
        proposed = [c.architecture for c in archive.candidates(first, last) if c.architecture]
        self.tried.update(proposed, *map(self._context.twins, proposed))
        self.scored += archive.evaluations(first, last)
        self._rounds = max(self._rounds, round - 1)

    def best(self, count: int, first: int | None = None) -> list[Evaluation]:
        """The best of the `first` so far, best first; of equals, the earlier.

        Those that do not keep the limits of the coming round come last.
        """
        return sorted(self.scored[:first], key=lambda each: (not self.keeps_limits(each), -each.top1))[:count]

    def keeps_limits(self, scored: Evaluation) -> bool:
        """Whether it keeps the limits of the coming round."""
        context = self._context
        # With one limit for all rounds, what is scored keeps it.
        return len(context.sweep) == 1 or context.limits.excess(context.space.cost(scored.architecture)) is None


class ScoreBasedSearch(SearchStrategy):
    """A strategy that draws the next architectures from all scores of earlier rounds."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self.history = ScoreHistory(context)

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        self.history.read(round)
        return self.proposed(self.draw(count, self.random(round)))

    @abstractmethod
    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        """At most `count` architectures, given `history`."""
