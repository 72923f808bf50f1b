"""What strategies that ask language models share: who answers, what they are told, and what becomes of an answer."""

from __future__ import annotations

import json
from typing import Any

from agents.briefing import Briefing
from agents.caller import Caller, OnText
from agents.generator import Proposals
from agents.method import Method
from graph.events import Writing
from graph.history import briefing
from graph.method import method
from graph.purse import purse_for
from graph.records import Proposed, Unreadable
from graph.strategies.base import Strategy
from supernets.space import InvalidArchitecture


class Spoken(Strategy):
    def parts(self, role: str) -> tuple[Caller, Briefing, Method, OnText]:
        """What an agent is made of: who answers, the task, how it is run, and who watches it write."""
        bench, name = self.bench, self.speaker(role)
        purse = purse_for(name, bench.prices, bench.budget, bench.archive.calls)
        caller = Caller(self.models[role], name, role, bench.transcript, purse=purse)
        return caller, briefing(bench), method(bench.config, role), lambda text: bench.emit(Writing(role, text))

    def speaker(self, role: str) -> str:
        return self.bench.config.models[role]

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
