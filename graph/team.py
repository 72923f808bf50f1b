"""A run as the nodes see it: plan a round, propose for it, finish it, each done once however often it is called.

Notable: this is where what a strategy says is written to the archive and shown; strategies themselves write nothing.
Knows no LangGraph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.bench import Bench
from graph.coordinator import Coordinator
from graph.events import ProposalsMade, StrategyWritten
from graph.records import Proposed
from graph.strategies.base import Strategy

GENEROSITY = 2
"""Proposals beyond this many times the number asked for are dropped: one answer must not spend the whole budget."""


@dataclass(frozen=True)
class Team:
    """The strategy and the Coordinator of one run."""

    bench: Bench
    strategy: Strategy
    coordinator: Coordinator

    def plan(self, round: int) -> str:
        """The strategy in words for a round; empty for a strategy that has none."""
        archive = self.bench.archive
        known = archive.strategy(round)
        if known is not None:
            return known
        started = self.bench.clock()
        text = self.strategy.plan(round)
        archive.plan(round, text, self.bench.budget.seconds)
        if text:
            speaker = self.strategy.speaker("navigator")
            self.bench.emit(StrategyWritten(round, speaker, text, self.bench.clock() - started))
        return text

    def propose(self, round: int) -> None:
        """Have the proposals of a round made and kept."""
        archive, budget, started = self.bench.archive, self.bench.budget, self.bench.clock()
        plan = self.plan(round)
        if archive.stage(round) != "planned":
            return
        count = min(self.strategy.batch or self.bench.config.per_round, max(1, budget.left))
        proposed = _cut(self.strategy.propose(round, plan, count), GENEROSITY * count)
        archive.propose(round, count, proposed, budget.seconds)
        speaker, seconds = self.strategy.speaker("generator"), self.bench.clock() - started
        self.bench.emit(ProposalsMade(round, speaker, proposed.genotypes, len(proposed.unreadable), seconds))

    def finish(self, round: int) -> str:
        """Why the search stops after this round; empty when it goes on."""
        return self.coordinator.finish_round(round)


def _cut(proposed: Proposed, most: int) -> Proposed:
    return replace(proposed, genotypes=proposed.genotypes[:most], unreadable=proposed.unreadable[:most])
