"""OPRO: one model without memory is shown the best scores so far and asked for better architectures.

Yang et al., Large Language Models as Optimizers (ICLR 2024), as far as it applies to architectures: CoLLM-NAS without
guidance, without memory, and without the low scores.
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

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        earlier = self._history.before(round)
        return self.undisguised(self._optimizer.propose(round, guidance, count, self.problems, earlier))
