"""CoLLM-NAS: a Navigator with memory writes guidance, a Generator without memory turns it into candidates.

Notable: examples in a strategy are proposed as they are, before the Generator is asked for the rest of the round. Only
examples that are known or illegal are left out; one over the limit takes no place of another proposal. A language
model's proposals that would teach nothing are sent back once; an analyst with a share of the round fills what stays
unusable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.calls.caller import Caller
from agents.models.model_registry import ANALYST, is_language_model
from agents.roles.generator import Generator, nothing_wrong
from agents.roles.navigator import Navigator
from agents.roles.optimizer import Optimizer
from agents.text.guidance import parse_guidance
from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.events import Message
from graph.history import History
from graph.strategies.model_based import ModelBasedSearch
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


FAR_BELOW = 0.85
"""Share of every limit below which an architecture is far from all of them."""


class CoLLM(ModelBasedSearch):
    name = "collm"
    first = "navigator"
    roles = ("navigator", "generator")

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._history = History(context)
        self._navigator = Navigator(**self.parts("navigator"))
        self._generator = Generator(**self.parts("generator"))
        self._partner = _partner(context, self._generator) if context.config.analyst_share else None
        self._sends_back = is_language_model(context.config.models["generator"].name)

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
        rest = count - len(within)
        share = min(rest, math.ceil(self.context.config.analyst_share * count))
        made = Proposals()
        if asked := rest - share:
            waste = partial(self._waste, round) if self._sends_back else nothing_wrong
            earlier = self._history.before(round)
            made = self._generator.propose(round, guidance, asked, self.problems, earlier, waste)
        if self._partner:
            filled = self._fill(round, made.genotypes, asked, share)
            # Unlike illegal, known and costly ones, these would take evaluations.
            kept = [each for each in made.genotypes if self.problems(each) or not self._far_below(each)]
            made = replace(made, genotypes=[*kept, *filled])
        made = self.undisguised(made)
        return replace(made, genotypes=[*within, *made.genotypes, *over])

    def _fill(self, round: int, proposed: Sequence[dict[str, Any]], asked: int, share: int) -> list[dict[str, Any]]:
        """The analyst's proposals: its share of a round, and one for each place that has no usable proposal.

        Args:
            proposed: the Generator's genotypes, as agents write them.
            asked: number of proposals that the Generator was asked for.
        """
        assert self._partner is not None
        usable = sum(not self.problems(each) and not self._waste(round, each) for each in proposed)
        unusable = max(0, asked - usable)
        if not (count := share + unusable):
            return []
        filled = self._partner.propose(round, "", count, self.problems, self._history.before(round)).genotypes
        instead = f", {unusable} of them in places of unusable ones" if unusable else ""
        self.context.emit(Message(f"Round {round}: {len(filled)} proposals are the analyst's{instead}."))
        return list(filled)

    def _waste(self, round: int, genotype: object) -> list[str]:
        """Why the score of a legal genotype would teach nothing: it is known, over a limit, or far below all limits."""
        context = self.context
        assert isinstance(genotype, dict)
        a = context.space.parse(self.true_genotype(genotype))
        for each in (a, *context.twins(a)):
            if earlier := context.round_of(each, round):
                return [f"it was proposed in round {earlier}"]
        cost = context.space.cost(a)
        if excess := context.limits.excess(cost):
            return [f"its {excess.kind.name} of {excess.value:.4g} is over the limit of {excess.limit:g}"]
        return self._far_below(genotype)

    def _far_below(self, genotype: object) -> list[str]:
        """By how much a legal genotype is far below all limits; empty if it is not."""
        assert isinstance(genotype, dict)
        context = self.context
        cost = context.space.cost(context.space.parse(self.true_genotype(genotype)))
        limits = {name: limit for name, limit in context.limits.maxima.items() if name in self._generator.briefing.aims}
        shares = {name: (cost.figure(name) or 0.0) / limit for name, limit in limits.items()}
        if not shares or max(shares.values()) >= FAR_BELOW:
            return []
        name = max(shares, key=lambda name: shares[name])
        return [f"its {name} of {cost.figure(name):.4g} is only {100 * shares[name]:.0f} % of the limit"]

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
            if a in seen or any(context.round_of(each, round) for each in (a, *context.twins(a))):
                continue
            seen.add(a)
            (over if context.limits.excess(context.space.cost(a)) else within).append(a.to_dict())
        return within, over


def _partner(context: RunContext, generator: Generator) -> Optimizer:
    """The analyst as a second Generator, which sees all scores instead of a strategy."""
    from agents.models.analyst.analyst import AnalystChatModel

    caller = Caller(
        model=AnalystChatModel(seed=context.config.seed), name=ANALYST, role="partner", transcript=context.transcript
    )
    partner = Optimizer(caller=caller, briefing=generator.briefing, options=generator.options)
    partner.shown = None
    return partner
