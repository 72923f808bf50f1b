"""How the two roles are run. The defaults are the paper's; everything else is an ablation, or goes beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.text.prompt_templates import Prompts


@dataclass(frozen=True, kw_only=True)
class RoleOptions:
    """What the two roles have in common; `context_tokens` is each model's own."""

    navigator_memory: bool = True
    """The Navigator is shown its earlier strategies and their results."""
    generator_memory: bool = False
    """The Generator is shown earlier strategies and what it proposed for them."""
    single: bool = False
    """One model in both roles, with one conversation that all requests and answers of both are part of."""
    evidence: bool = False
    """The Navigator is shown what a statistical fit makes of the scores."""
    prompts: Prompts = field(default_factory=Prompts)
    context_tokens: int | None = None
    """What the model can take, answer included; None where there is no limit."""

    def remembers(self, role: str) -> tuple[str, ...]:
        """The roles whose requests and answers of earlier rounds are shown to `role`."""
        if self.single:
            return ("navigator", "generator")
        kept = {"navigator": self.navigator_memory, "generator": self.generator_memory}[role]
        return (role,) if kept else ()
