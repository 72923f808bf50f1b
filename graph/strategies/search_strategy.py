"""The contract of a search strategy: it proposes architectures, round by round, from what the archive shows.

To add one, write a subclass of `SearchStrategy` in a file here and name it in `graph/strategies/__init__.py`.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.events import NAVIGATOR
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class SearchStrategy(ABC):
    """Proposes; the Coordinator checks, scores, spends and records.

    - Proposals for a round depend only on the configuration, the seed and the rounds before it, so that an interrupted
      run continues as if it had not been interrupted.
    - A strategy need not avoid illegal, repeated or too costly proposals; each costs it a place in the round.
    """

    name: ClassVar[str]
    """The name a user types."""
    first: ClassVar[Literal["navigator", "generator"]] = "generator"
    """The node at which its rounds begin; `navigator` for a strategy that writes guidance."""
    roles: ClassVar[tuple[str, ...]] = ()
    """Roles for which it needs a language model."""

    guide: ClassVar[str] = NAVIGATOR
    """Who writes its guidance, as a trace shows it."""
    batch: ClassVar[int | None] = None
    """Most proposals that it makes before it must see their scores; None for no limit."""

    needs_turns: ClassVar[bool] = False
    """Whether it searches a front, so that an objective or several limits must be named."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        self.context = context
        self.models = models

    def model_name(self, role: str) -> str:
        """Name of what answers in a role, as a trace shows it."""
        return self.name

    def write_guidance(self, round: int) -> str:
        """Guidance in words for a round; empty for a strategy that writes none."""
        return ""

    def wanted(self, guidance: str, most: int) -> int:
        """Number of proposals to ask for in a round with this guidance, from 1 to `most`."""
        return most

    @abstractmethod
    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        """About `count` proposals for a round; `guidance` is what `write_guidance` returned, or a reviewer's edit."""

    def proposed(self, architectures: Sequence[Architecture]) -> Proposals:
        """Architectures as proposals, for strategies that write no text."""
        return Proposals(genotypes=[a.to_dict() for a in architectures])

    def random(self, round: int) -> random.Random:
        """The generator of random numbers for a round, seeded by the run's seed and the round."""
        return random.Random(f"{self.name}:{self.context.config.seed}:{round}")
