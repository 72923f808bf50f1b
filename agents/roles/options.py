"""Options of the two roles. The defaults are those of the paper; other values are ablations or extensions."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.text.prompt_templates import Prompts


@dataclass(frozen=True, kw_only=True)
class RoleOptions:
    """Options that both roles share; only `context_tokens` differs between their models."""

    navigator_memory: bool = True
    """Whether the Navigator sees its earlier strategies and their results."""
    generator_memory: bool = False
    """Whether the Generator sees earlier strategies and its proposals for them."""
    generator_results: bool = False
    """Whether the Generator sees the best architectures so far with their scores."""
    single: bool = False
    """Whether one model has both roles, in one conversation with all requests and answers."""
    evidence: bool = False
    """Whether the Navigator sees a statistical fit of the scores."""
    prompts: Prompts = field(default_factory=Prompts)
    context_tokens: int | None = None
    """Context of the model in tokens, including the answer; None for no limit."""

    def remembers(self, role: str) -> tuple[str, ...]:
        """The roles whose requests and answers of earlier rounds `role` sees."""
        if self.single:
            return ("navigator", "generator")
        kept = {"navigator": self.navigator_memory, "generator": self.generator_memory}[role]
        return (role,) if kept else ()
