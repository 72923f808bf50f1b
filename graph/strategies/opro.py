"""OPRO: one model that keeps nothing is shown the best scores so far and asked for better ones.

Yang et al., Large Language Models as Optimizers (ICLR 2024), as far as it carries over to architectures: what CoLLM-NAS
is without strategies, without memory, and without the scores that were low.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.roles.optimizer import Optimizer
from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.history import History
from graph.strategies.model_based import ModelBasedSearch

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class OPRO(ModelBasedSearch):
    name = "opro"
    roles = ("generator",)

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._history = History(context)
        self._optimizer = Optimizer(**self.parts("generator"))

    def propose(self, round: int, plan: str, count: int) -> Proposals:
        earlier = self._history.before(round)
        return self.revealed(self._optimizer.propose(round, plan, count, self.problems, earlier))
