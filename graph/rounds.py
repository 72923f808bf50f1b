"""A run as the nodes see it: plan a round, propose for it, finish it, each done once however often it is called.

Notable: this is where what a strategy says is written to the archive and shown; strategies themselves write nothing.
Knows no LangGraph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.events import ProposalsMade, Steered, StrategyWritten
from graph.steering import Feedback
from graph.strategies.base import SearchStrategy

GENEROSITY = 2
"""Proposals beyond this many times the number asked for are dropped: one answer must not spend the whole budget."""


@dataclass(frozen=True)
class RoundRunner:
    """The strategy and the Coordinator of one run."""

    context: RunContext
    strategy: SearchStrategy
    coordinator: Coordinator

    def plan(self, round: int) -> str:
        """The strategy in words for a round; empty for a strategy that has none."""
        archive = self.context.archive
        known = archive.strategy(round)
        if known is not None:
            return known
        text = self.draft(round)
        archive.plan(round, text, self.context.budget.seconds)
        return text

    def draft(self, round: int) -> str:
        """The strategy as it is written with all remarks so far; not yet that of the round."""
        started = self.context.clock()
        text = self.strategy.plan(round)
        self.context.archive.save_seconds(self.context.budget.seconds)
        if text:
            self.context.emit(self.written(round, text, self.context.clock() - started))
        return text

    def written(self, round: int, text: str, seconds: float = 0.0) -> StrategyWritten:
        """The event that shows a strategy."""
        return StrategyWritten(round, self.strategy.speaker("navigator"), text, seconds)

    def waits(self, round: int) -> bool:
        """Whether the strategy of a round has to wait for a person's word."""
        return self.context.config.interactive and self.context.archive.strategy(round) is None

    def remarks(self, round: int) -> int:
        """How many remarks a person has made on drafts of a round."""
        return len(self.context.archive.remarks.of(round))

    def apply_feedback(self, round: int, draft: str, remarks: int, word: Feedback) -> bool:
        """Take a person's word on a draft that was written with so many remarks; whether the round has its strategy."""
        if word["kind"] == "remark":
            self.context.archive.remarks.add(round, remarks + 1, word["text"])
        else:
            text = word["text"] if word["kind"] == "edit" else draft
            self.context.archive.plan(round, text, self.context.budget.seconds)
        if word["kind"] != "accept":
            self.context.emit(Steered(round, word["kind"], word["text"]))
        return word["kind"] != "remark"

    def propose(self, round: int) -> None:
        """Have the proposals of a round made and kept."""
        archive, budget, started = self.context.archive, self.context.budget, self.context.clock()
        plan = self.plan(round)
        if archive.stage(round) != "planned":
            return
        count = min(self.strategy.batch or self.context.config.per_round, max(1, budget.left))
        proposals = _cut(self.strategy.propose(round, plan, count), GENEROSITY * count)
        archive.propose(round, count, proposals, budget.seconds)
        speaker, seconds = self.strategy.speaker("generator"), self.context.clock() - started
        self.context.emit(ProposalsMade(round, speaker, tuple(proposals.genotypes), len(proposals.rejected), seconds))

    def finish(self, round: int) -> str:
        """Why the search stops after this round; empty when it goes on."""
        return self.coordinator.finish_round(round)


def _cut(proposals: Proposals, most: int) -> Proposals:
    return replace(proposals, genotypes=proposals.genotypes[:most], rejected=proposals.rejected[:most])
