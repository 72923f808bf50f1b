"""CoLLM-NAS: a Navigator with memory writes guidance, a Generator without memory turns it into candidates.

Notable: examples in a strategy are proposed as they are, before the Generator is asked for the rest of the round. Only
examples that are known or illegal are left out; one over the limit takes no place of another proposal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.guidance import parse_guidance
from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.events import Message
from graph.history import History
from graph.strategies.model_based import ModelBasedSearch
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class CoLLM(ModelBasedSearch):
    name = "collm"
    first = "navigator"
    roles = ("navigator", "generator")

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._history = History(context)
        self._navigator = Navigator(**self.parts("navigator"))
        self._generator = Generator(**self.parts("generator"))

    def write_guidance(self, round: int) -> str:
        rounds = self._history.before(round)
        if tokens := self._navigator.conversation.overflow(rounds):
            text = f"Rounds 1 to {round - 2} are summarised for the Navigator: all of them are about {tokens:,} tokens."
            self.context.emit(Message(text))
        strategy = self._navigator.write_guidance(rounds, self.context.archive.remarks.of(round))
        if strategy.problem:
            self.warn(f"The strategy of round {round} is used as it is, though {strategy.problem}.")
        return strategy.text

    def wanted(self, guidance: str, most: int) -> int:
        return min(most, int(parse_guidance(guidance).block.get("count", most)))

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        within, over = self._examples(round, parse_guidance(guidance).block.get("examples", ()))
        within = within[:count]
        made = Proposals()
        if rest := count - len(within):
            earlier = self._history.before(round)
            made = self.undisguised(self._generator.propose(round, guidance, rest, self.problems, earlier))
        return replace(made, genotypes=[*within, *made.genotypes, *over])

    def _examples(
        self, round: int, examples: Sequence[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """New examples of a strategy, those within the limits and those over them, in the names of the space."""
        context, within, over = self.context, list[dict[str, Any]](), list[dict[str, Any]]()
        seen = set[Architecture]()
        for genotype in examples:
            if self.problems(genotype):
                continue
            a = context.space.parse(self.true_genotype(genotype))
            if a in seen or any(context.archive.round_of(each, before=round) for each in (a, *context.twins(a))):
                continue
            seen.add(a)
            (over if context.limits.excess(context.space.cost(a)) else within).append(a.to_dict())
        return within, over
