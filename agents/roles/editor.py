"""A Generator that edits given architectures: the models of LLMatic and EvoPrompting.

The request of a round is the guidance that the strategy wrote for it, with the architectures to edit. One answer holds
the proposals of a round; nothing is sent back, since both systems count what cannot be used as spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.calls.transcript import Message
from agents.roles.briefing import RoundBriefing, turn_lines
from agents.roles.conversation import evaluation_lines, system, user
from agents.roles.generator import Generator
from agents.roles.task_text import task_text
from common.errors import UserError


class Editor(Generator):
    """
    Args:
        template: file of its prompts, `llmatic` or `evoprompting`.
    """

    temperature: float | None = None
    """Sampling temperature of the next call; None for that of the model's settings."""

    def __init__(self, *, template: str, **parts: Any) -> None:
        super().__init__(**parts, repairs=0)
        self._template = template

    @property
    def instructions(self) -> list[str]:
        """The instructions of its prompts, one a line.

        Raises:
            UserError: there is none.
        """
        found = self.options.prompts.render(self._template, "instructions").splitlines()
        if not found:
            raise UserError(
                f"prompts: {self._template}.md: section instructions: expected one instruction a line, found none"
            )
        return found

    def messages(
        self, round: int, guidance_text: str, count: int, earlier: Sequence[RoundBriefing] = ()
    ) -> list[Message]:
        briefing, render = self.briefing, self.options.prompts.render
        told = task_text(briefing, self.options.prompts)
        used = earlier[-1].evaluations if earlier else 0
        evaluations = evaluation_lines(used, briefing.budget, briefing.per_round, turn_lines(briefing, round))
        asked = render(
            self._template, "request", round=round, count=count, evaluations=evaluations, guidance=guidance_text
        )
        return [
            system(render(self._template, "system", **told.common, results=told.results, answer=told.answer)),
            user(asked),
        ]

    def _ask(self, messages: Sequence[Message], round: int, attempt: int, count: int) -> str:
        schema = self.briefing.schema(1, count)
        reply = self.caller.ask(messages, round, attempt, schema, on_text=self.on_text, temperature=self.temperature)
        return reply.text
