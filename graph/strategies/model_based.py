"""What strategies with language models share: the callers of each role, the briefing, and the answers' translation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from agents.calls.caller import Caller, OnText
from agents.models.local.full_prompts import full_context
from agents.models.local.model_file import is_local
from agents.roles.briefing import Briefing
from agents.roles.options import RoleOptions
from agents.text.proposals import Proposals, RejectedPiece
from graph.context import RunContext
from graph.events import Message, Writing
from graph.history import briefing
from graph.role_options import role_options
from graph.spending import call_budget_for
from graph.strategies.search_strategy import SearchStrategy
from supernets.space.architecture import InvalidArchitecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_LOCAL_PATIENCE = 5
"""Factor on the deadline of a model that reads whole prompts on the cores of this machine, which takes minutes."""


class AgentParts(TypedDict):
    """The keyword arguments of an agent's constructor."""

    caller: Caller
    briefing: Briefing
    options: RoleOptions
    on_text: OnText


class ModelBasedSearch(SearchStrategy):
    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._callers = {role: self._caller(role) for role in self.roles}

    def parts(self, role: str) -> AgentParts:
        """What the agent of a role is constructed with."""
        context = self.context
        return {
            "caller": self._callers[role],
            "briefing": briefing(context),
            "options": role_options(context.config, role),
            "on_text": lambda text: context.emit(Writing(role, text)),
        }

    def _caller(self, role: str) -> Caller:
        """The caller of a role's model, with its fallbacks."""
        context, caller = self.context, None
        fallback_chain = list(zip(context.config.models[role].fallback_chain, self.models[role], strict=True))
        for settings, model in reversed(fallback_chain):
            call_budget = call_budget_for(settings.name, context.prices, context.budget, context.archive.calls)
            patience = _LOCAL_PATIENCE if is_local(settings.name) and full_context(settings) else 1
            caller = Caller(
                model=model, name=settings.name, role=role, transcript=context.transcript,
                deadline=patience * settings.deadline, call_budget=call_budget, fallback=caller, on_message=self.warn,
            )  # fmt: skip
        assert caller is not None  # a role has a model
        return caller

    def warn(self, text: str) -> None:
        self.context.emit(Message(text, "warning"))

    def model_name(self, role: str) -> str:
        # A strategy that plans its rounds itself has no Navigator.
        return self._callers[role].model_name if role in self._callers else self.name

    def undisguised(self, made: Proposals) -> Proposals:
        """An agent's proposals, in the names of the space that is searched."""
        if not self.context.config.disguise:
            return made
        # A genotype that is illegal in neutral names must not be read as an architecture in true ones.
        wrong = [(genotype, problems) for genotype in made.genotypes if (problems := self.problems(genotype))]
        return replace(
            made,
            genotypes=[self.true_genotype(genotype) for genotype in made.genotypes if not self.problems(genotype)],
            rejected=[
                *made.rejected,
                *(RejectedPiece(json.dumps(genotype), "; ".join(found)) for genotype, found in wrong),
            ],
        )

    def problems(self, genotype: object) -> list[str]:
        """Problems of a genotype as agents write it; empty when it is legal."""
        if not isinstance(genotype, dict):
            return [f"expected an object, got {type(genotype).__name__}"]
        try:
            self.context.agent_space.parse(genotype)
        except InvalidArchitecture as error:
            return list(error.problems)
        return []

    def true_genotype(self, genotype: dict[str, Any]) -> dict[str, Any]:
        """A legal genotype of an agent in the names of the space that is searched."""
        space = self.context.agent_space
        plain = space.parse(genotype).to_dict()
        return dict(space.from_disguised(plain) if self.context.config.disguise else plain)
