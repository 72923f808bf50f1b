"""CoLLM-NAS: a Navigator that remembers writes a strategy, a Generator that does not turns it into candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.caller import Caller
from agents.generator import Generator
from agents.navigator import Navigator
from graph.bench import Bench
from graph.events import Message
from graph.history import History, briefing
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

    def __init__(self, bench: Bench, models: Mapping[str, BaseChatModel]) -> None:
        super().__init__(bench, models)
        task = briefing(bench)
        self._history = History(bench)
        self._navigator = Navigator(self._caller("navigator"), task)
        self._generator = Generator(self._caller("generator"), task)

    def _caller(self, role: str) -> Caller:
        bench, name = self.bench, self.speaker(role)
        purse = purse_for(name, bench.prices, bench.budget, bench.archive.calls)
        return Caller(self.models[role], name, role, bench.transcript, purse=purse)

    def speaker(self, role: str) -> str:
        return self.bench.config.models[role]

    def plan(self, round: int) -> str:
        strategy = self._navigator.write(self._history.before(round))
        if strategy.problem:
            text = f"The strategy of round {round} is used as it is, though {strategy.problem}."
            self.bench.emit(Message(text, "warning"))
        return strategy.text

    def propose(self, round: int, plan: str, count: int) -> Proposed:
        made = self._generator.propose(round, plan, count, self._problems)
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
