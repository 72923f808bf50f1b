"""CoLLM-NAS: a Navigator that remembers writes a strategy, a Generator that does not turns it into candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.briefing import Briefing
from agents.caller import Caller, OnText
from agents.generator import Generator
from agents.method import Method
from agents.navigator import Navigator
from graph.bench import Bench
from graph.events import Message, Writing
from graph.history import History, briefing
from graph.method import method
from graph.purse import purse_for
from graph.records import Proposed, Unreadable
from graph.strategies.base import Strategy
from supernets.space import InvalidArchitecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class CoLLM(Strategy):
    name = "collm"
    first = "navigator"
    roles = ("navigator", "generator")

    def __init__(self, bench: Bench, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(bench, models)
        self._history = History(bench)
        self._navigator = Navigator(*self._parts("navigator"))
        self._generator = Generator(*self._parts("generator"))

    def _parts(self, role: str) -> tuple[Caller, Briefing, Method, OnText]:
        """What an agent is made of: who answers, the task, how it is run, and who watches it write."""
        bench, caller = self.bench, self._caller(role)
        return caller, briefing(bench), method(bench.config, role), lambda text: bench.emit(Writing(role, text))

    def _caller(self, role: str) -> Caller:
        """The role's model, behind it its fallbacks."""
        bench, caller = self.bench, None
        speakers = list(zip(bench.config.models[role].speakers, self.models[role], strict=True))
        for settings, model in reversed(speakers):
            purse = purse_for(settings.name, bench.prices, bench.budget, bench.archive.calls)
            caller = Caller(
                model, settings.name, role, bench.transcript, settings.deadline,
                purse=purse, spare=caller, tell=self._warn,
            )  # fmt: skip
        assert caller is not None  # a role has a model
        return caller

    def _warn(self, text: str) -> None:
        self.bench.emit(Message(text, "warning"))

    def speaker(self, role: str) -> str:
        agent = self._navigator if role == "navigator" else self._generator
        return agent.caller.speaker

    def plan(self, round: int) -> str:
        rounds = self._history.before(round)
        if tokens := self._navigator.conversation.overflow(rounds):
            text = f"Rounds 1 to {round - 2} are summarised for the Navigator: all of them are about {tokens:,} tokens."
            self.bench.emit(Message(text))
        strategy = self._navigator.write(rounds, self.bench.archive.remarks.of(round))
        if strategy.problem:
            self._warn(f"The strategy of round {round} is used as it is, though {strategy.problem}.")
        return strategy.text

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        earlier = self._history.before(round) if self._generator.method.remembers("generator") else []
        made = self._generator.propose(round, plan, count, self._problems, earlier)
        genotypes, unreadable = made.candidates, [Unreadable(piece.text, piece.problem) for piece in made.rejected]
        if self.bench.config.disguise:
            # What is wrong in neutral names must not pass for an architecture in true ones.
            wrong = [(genotype, problems) for genotype in genotypes if (problems := self._problems(genotype))]
            unreadable += [Unreadable(json.dumps(genotype), "; ".join(problems)) for genotype, problems in wrong]
            genotypes = [self._revealed(genotype) for genotype in genotypes if not self._problems(genotype)]
        return Proposed(tuple(genotypes), tuple(unreadable), made.answers, made.illegal_at_first, made.error)

    def _revealed(self, genotype: dict[str, Any]) -> dict[str, Any]:
        told = self.bench.told
        return dict(told.reveal(told.genes(told.parse(genotype))))

    def _problems(self, genotype: object) -> list[str]:
        if not isinstance(genotype, dict):
            return [f"expected an object, got {type(genotype).__name__}"]
        try:
            self.bench.told.parse(genotype)
        except InvalidArchitecture as error:
            return list(error.problems)
        return []
