"""CoLLM-NAS: a Navigator with memory writes guidance, a Generator without memory turns it into candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.events import Message
from graph.history import History
from graph.strategies.model_based import ModelBasedSearch

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

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        earlier = self._history.before(round) if self._generator.options.remembers("generator") else []
        return self.undisguised(self._generator.propose(round, guidance, count, self.problems, earlier))
