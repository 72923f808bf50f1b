"""The context of one run, shared by the Coordinator and the strategy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.calls.transcript import Transcript
from graph.archive.archive import Archive
from graph.budget import Budget
from graph.candidate import LEGAL
from graph.config import Config
from graph.events import Sink
from graph.limits import Limits, Sweep
from graph.spending import PriceList
from supernets.evaluate.protocol import Protocol
from supernets.space.architecture import Architecture
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace


@dataclass(frozen=True, kw_only=True)
class RunContext:
    config: Config
    space: SearchSpace
    """The space that is searched, and of which the archive's architectures are members."""
    protocol: Protocol
    sweep: Sweep
    budget: Budget
    archive: Archive
    transcript: Transcript
    """Calls of language models are looked up and recorded here."""
    prices: PriceList
    emit: Sink
    """Shows an event; it must not raise."""
    clock: Callable[[], float]
    """Monotonic seconds."""

    @property
    def limits(self) -> Limits:
        """The limits of the round that is being worked on."""
        return self.sweep.round(self.archive.last_round) if len(self.sweep) > 1 else self.sweep.widest

    def round_of(self, a: Architecture, before: int) -> int | None:
        """The earlier round in which an architecture was first proposed, or None.

        What was over the limits of its round may be proposed again where rounds have different ones.
        """
        return self.archive.round_of(a, before, LEGAL if len(self.sweep) > 1 else None)

    def twins(self, a: Architecture) -> Sequence[Architecture]:
        """Other architectures that count as `a` in this run, because they are the same network."""
        return self.space.twins(a) if self._merges_twins else ()

    @cached_property
    def _merges_twins(self) -> bool:
        return self.archive.merges_twins

    @cached_property
    def agent_space(self) -> SearchSpace:
        """The space as agents see it: disguised, if the run is."""
        return DisguisedSpace(self.space, self.config.seed) if self.config.disguise else self.space
