"""What strategies that ask language models share: who answers, what they are told, and what becomes of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.calls.caller import Caller, OnText
from agents.roles.briefing import Briefing
from agents.roles.generator import Proposals
from agents.roles.options import Method
from graph.archive.records import Proposed, Unreadable
from graph.context import Bench
from graph.events import Message, Writing
from graph.history import briefing
from graph.role_options import method
from graph.spending import purse_for
from graph.strategies.base import Strategy
from supernets.space.architecture import InvalidArchitecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Spoken(Strategy):
    def __init__(self, bench: Bench, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(bench, models)
        self._callers = {role: self._caller(role) for role in self.roles}

    def parts(self, role: str) -> tuple[Caller, Briefing, Method, OnText]:
        """What an agent is made of: who answers, the task, how it is run, and who watches it write."""
        bench = self.bench
        return self._callers[role], briefing(bench), method(bench.config, role), lambda t: bench.emit(Writing(role, t))

    def _caller(self, role: str) -> Caller:
        """The role's model, behind it its fallbacks."""
        bench, caller = self.bench, None
        speakers = list(zip(bench.config.models[role].speakers, self.models[role], strict=True))
        for settings, model in reversed(speakers):
            purse = purse_for(settings.name, bench.prices, bench.budget, bench.archive.calls)
            caller = Caller(
                model, settings.name, role, bench.transcript, settings.deadline,
                purse=purse, spare=caller, tell=self.warn,
            )  # fmt: skip
        assert caller is not None  # a role has a model
        return caller

    def warn(self, text: str) -> None:
        self.bench.emit(Message(text, "warning"))

    def speaker(self, role: str) -> str:
        return self._callers[role].speaker

    def revealed(self, made: Proposals) -> Proposed:
        """An agent's proposals, in the names of the space that is searched."""
        genotypes, unreadable = made.candidates, [Unreadable(piece.text, piece.problem) for piece in made.rejected]
        if self.bench.config.disguise:
            # What is wrong in neutral names must not pass for an architecture in true ones.
            wrong = [(genotype, problems) for genotype in genotypes if (problems := self.problems(genotype))]
            unreadable += [Unreadable(json.dumps(genotype), "; ".join(problems)) for genotype, problems in wrong]
            genotypes = [self._reveal(genotype) for genotype in genotypes if not self.problems(genotype)]
        return Proposed(tuple(genotypes), tuple(unreadable), made.answers, made.illegal_at_first, made.error)

    def problems(self, genotype: object) -> list[str]:
        """What is wrong with a genotype as agents write it; empty when it is legal."""
        if not isinstance(genotype, dict):
            return [f"expected an object, got {type(genotype).__name__}"]
        try:
            self.bench.told.parse(genotype)
        except InvalidArchitecture as error:
            return list(error.problems)
        return []

    def _reveal(self, genotype: dict[str, Any]) -> dict[str, Any]:
        told = self.bench.told
        return dict(told.reveal(told.genes(told.parse(genotype))))
