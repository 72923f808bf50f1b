"""What a search strategy is: it proposes architectures, round by round, from what the archive shows.

To add one, write a subclass of `SearchStrategy` in a file here and name it in `graph/strategies/__init__.py`.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from agents.text.proposals import Proposals
from graph.context import RunContext
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class SearchStrategy(ABC):
    """Proposes; never checks, scores, spends or writes: that is the Coordinator's.

    - What it proposes for a round depends on the configuration, the seed and the rounds before it alone, so that a run
      that was interrupted goes on as if it had not been.
    - It need not avoid illegal, repeated or too costly proposals; each costs it a place in the round.
    """

    name: ClassVar[str]
    """The name a user types."""
    first: ClassVar[Literal["navigator", "generator"]] = "generator"
    """The node with which its rounds begin; `navigator` for a strategy that plans in words."""
    roles: ClassVar[tuple[str, ...]] = ()
    """Roles for which it needs a language model."""

    batch: ClassVar[int | None] = None
    """Proposals that it can make from one look at the scores; None: as many as are asked for."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        self.context = context
        self.models = models

    def speaker(self, role: str) -> str:
        """Who speaks in a role, as a trace names it."""
        return self.name

    def plan(self, round: int) -> str:
        """The strategy for a round in words; empty for one that has none."""
        return ""

    @abstractmethod
    def propose(self, round: int, plan: str, count: int) -> Proposals:
        """About `count` proposals for a round, given what `plan` returned for it."""

    def proposed(self, architectures: Sequence[Architecture]) -> Proposals:
        """Architectures as proposals, for strategies that write no text."""
        return Proposals(genotypes=[a.to_dict() for a in architectures])

    def random(self, round: int) -> random.Random:
        """The generator of random numbers for a round: of the seed and the round alone."""
        return random.Random(f"{self.name}:{self.context.config.seed}:{round}")
