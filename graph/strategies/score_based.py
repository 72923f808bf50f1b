"""Strategies that learn from scores alone: what a search has measured so far, and what all of them do with it.

Notable: closed rounds never change, so each is read once; what a strategy makes of them depends on them alone, and a
run that was interrupted goes on as if it had not been.
"""

from __future__ import annotations

import json
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.archive.records import Proposed
from graph.context import RunContext
from graph.strategies.base import SearchStrategy
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True)
class Scored:
    architecture: Architecture
    top1: float


class ScoreHistory:
    """Every scored architecture of the rounds before one, in the order of scoring."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._rounds = 0
        self.scored: list[Scored] = []
        self.tried: set[str] = set()
        """Ids of everything legal in form that was proposed, over the limit or not."""

    def read(self, round: int) -> None:
        """Take in the rounds up to `round` - 1."""
        for proposal in self._context.archive.proposals(self._rounds + 1, round - 1):
            if proposal.architecture is None:
                continue
            self.tried.add(proposal.architecture)
            if proposal.top1 is not None:
                self.scored.append(Scored(self._context.space.parse(json.loads(proposal.sent)), proposal.top1))
        self._rounds = max(self._rounds, round - 1)

    def best(self, count: int) -> list[Scored]:
        """The best so far, best first; of equals, the earlier."""
        return sorted(self.scored, key=lambda scored: -scored.top1)[:count]


class ScoreBasedSearch(SearchStrategy):
    """A strategy that asks no model: from all scores of earlier rounds it draws what is to be scored next."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self.history = ScoreHistory(context)

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        self.history.read(round)
        return self.proposed(self.draw(count, self.random(round)))

    @abstractmethod
    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        """At most `count` architectures, given `history`."""
