"""A run as the nodes see it: each step writes guidance, proposes or finishes a round, once however often it is called.

Notable: this module records and shows what a strategy returns; strategies themselves write nothing. Knows no LangGraph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.events import Message, ProposalsMade, Steered, StrategyWritten
from graph.prescreen import Prescreen
from graph.steering import Feedback
from graph.strategies.search_strategy import SearchStrategy

GENEROSITY = 2
"""Proposals beyond this many times the requested number are dropped: one answer must not spend the whole budget."""


@dataclass(frozen=True)
class RoundRunner:
    """The strategy and the Coordinator of one run."""

    context: RunContext
    strategy: SearchStrategy
    coordinator: Coordinator
    prescreen: Prescreen | None = None

    def guidance(self, round: int) -> str:
        """The guidance of a round; empty for a strategy that writes none."""
        archive = self.context.archive
        known = archive.guidance(round)
        if known is not None:
            return known
        text = self.draft(round)
        archive.begin_round(round, text, self.context.budget.seconds)
        return text

    def draft(self, round: int) -> str:
        """Guidance written with all remarks so far; it is not recorded as the round's."""
        started = self.context.clock()
        text = self.strategy.write_guidance(round)
        self.context.archive.save_seconds(self.context.budget.seconds)
        if text:
            self.show(round, text, self.context.clock() - started)
        return text

    def show(self, round: int, text: str, seconds: float = 0.0) -> None:
        """Emit the event that shows guidance."""
        guide = self.strategy.guide
        model_name = self.strategy.model_name("navigator")
        self.context.emit(
            StrategyWritten(
                round=round, model_name=model_name, text=text, seconds=seconds, limits=self._limits(round), guide=guide
            )
        )

    def _limits(self, round: int) -> str:
        """The limits of a round in words; empty if all rounds have the same."""
        sweep = self.context.sweep
        return str(sweep.round(round)) if len(sweep) > 1 else ""

    def awaits_review(self, round: int) -> bool:
        return self.context.config.interactive and self.context.archive.guidance(round) is None

    def remarks(self, round: int) -> int:
        """Number of remarks on drafts of a round."""
        return len(self.context.archive.remarks.of(round))

    def apply_feedback(self, round: int, draft: str, remarks: int, feedback: Feedback) -> bool:
        """Apply the reviewer's feedback on a draft; True once the round's guidance is final.

        Args:
            remarks: number of remarks that the draft was written with.
        """
        kind, text = feedback["kind"], feedback["text"]
        if kind == "remark":
            self.context.archive.remarks.add(round, remarks + 1, text)
        else:
            self.context.archive.begin_round(round, text if kind == "edit" else draft, self.context.budget.seconds)
        if kind != "accept":
            self.context.emit(Steered(round, kind, text))
        return kind != "remark"

    def propose(self, round: int) -> None:
        """Let the strategy propose for a round, and record it."""
        archive, budget, started = self.context.archive, self.context.budget, self.context.clock()
        guidance = self.guidance(round)
        if archive.stage(round) != "planned":
            return
        most = min(self.strategy.batch or self.context.config.per_round, max(1, budget.left))
        count = self.strategy.wanted(guidance, most)
        asked = self.prescreen.asked(round, count) if self.prescreen else count
        proposals = _cut(self.strategy.propose(round, guidance, asked), GENEROSITY * asked)
        if self.prescreen:
            proposals = self.prescreen.keep(round, proposals, count)
            if told := self.prescreen.told(round):
                self.context.emit(Message(told))
        archive.propose(round, count, proposals, budget.seconds)
        self.context.emit(
            ProposalsMade(
                round=round,
                model_name=self.strategy.model_name("generator"),
                genotypes=tuple(proposals.genotypes),
                unreadable=len(proposals.rejected),
                seconds=self.context.clock() - started,
                limits=self._limits(round),
            )
        )

    def finish(self, round: int) -> str:
        """Judge, score and close a round; why the search stops, or an empty string."""
        return self.coordinator.finish_round(round)


def _cut(proposals: Proposals, most: int) -> Proposals:
    return replace(proposals, genotypes=proposals.genotypes[:most], rejected=proposals.rejected[:most])
