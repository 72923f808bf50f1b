"""What the Coordinator and every strategy work with in one run, in one frozen place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from agents.calls.transcript import Transcript
from graph.archive.archive import Archive
from graph.budget import Budget
from graph.config import Config
from graph.events import Sink
from graph.limits import Limits
from graph.spending import PriceList
from supernets.evaluate.protocol import Protocol
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace


@dataclass(frozen=True)
class RunContext:
    config: Config
    space: SearchSpace
    """The space that is searched; what stands in the archive is of it."""
    protocol: Protocol
    limits: Limits
    budget: Budget
    archive: Archive
    transcript: Transcript
    """Where calls of language models are looked up and kept."""
    prices: PriceList
    emit: Sink
    """Must not raise: a watcher that fails is no reason to stop."""
    clock: Callable[[], float]
    """Seconds that only grow."""

    @cached_property
    def agent_space(self) -> SearchSpace:
        """The space as agents are told of it."""
        return DisguisedSpace(self.space, self.config.seed) if self.config.disguise else self.space
