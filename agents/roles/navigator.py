"""The Navigator: reads the results so far and writes the strategy of the next round.

Its memory is rebuilt from the finished rounds each time, so a resumed search continues its conversation exactly. This
module does not know the search space; the prompts are in `prompts/navigator.md`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from agents.calls.caller import Caller, OnText
from agents.calls.transcript import Message
from agents.model_errors import ModelError
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.conversation import Conversation, assistant, user
from agents.roles.options import RoleOptions
from agents.text.guidance import HEADINGS, Guidance, missing_headings, parse_guidance, with_kept_block
from agents.text.prompt_templates import fenced
from agents.text.sanitize import excerpt, without_reasoning

_ANSWERS = 3
"""Maximum number of answers for one strategy; a resumed run requests as many again."""
_WRAPPED = re.compile(r"```(?:markdown|md)[ \t]*\n(.*)\n```", re.DOTALL | re.IGNORECASE)


class Navigator:
    """Asks a model for strategies."""

    def __init__(
        self, *, caller: Caller, briefing: Briefing, options: RoleOptions | None = None, on_text: OnText | None = None
    ) -> None:
        self.caller = caller
        self.options = options or RoleOptions()
        self.conversation = Conversation(briefing, self.options)
        self.on_text = on_text

    def write_guidance(self, rounds: Sequence[RoundBriefing], remarks: Sequence[str] = ()) -> Guidance:
        """The strategy of round `len(rounds) + 1`, after all rounds before it and a reviewer's remarks on its drafts.

        An answer that lacks headings is requested again. The last answer is accepted if it has at least one heading;
        its `problem` names the missing ones.

        Raises:
            ModelError: the model does not answer, or none of its answers is a strategy.
        """
        number, messages = len(rounds) + 1, self.messages(rounds)
        guidance, attempt = self._ask(messages, number, 1)
        for remark in remarks:
            request = self._render("remark", round=number, attempt=attempt + 1, remark=fenced(remark))
            messages = [*messages, assistant(guidance.text), user(request)]
            guidance, attempt = self._ask(messages, number, attempt + 1)
        return with_kept_block(guidance, rounds[-1].guidance) if rounds else guidance

    def _ask(self, messages: Sequence[Message], number: int, first: int) -> tuple[Guidance, int]:
        """A strategy, and the number of the attempt that produced it; attempts are counted from `first`."""
        *before, request = messages
        asked, answered = [*messages], self.caller.answered
        for attempt in itertools.count(first):
            text = _without_wrapping(self.caller.ask(asked, number, attempt, on_text=self.on_text).text)
            missing = missing_headings(text)
            if not missing:
                return parse_guidance(text), attempt
            useless = len(missing) == len(HEADINGS)
            if attempt - first + 1 >= _ANSWERS and (not useless or self.caller.answered - answered >= _ANSWERS):
                break
            again = self._render("again", attempt=attempt + 1, problem=_problem(text, missing))
            asked = [*before, user(f"{request['content']}\n\n{again}")]
        if useless:
            raise ModelError(
                f"the navigator's model {self.caller.model_name} sent {_ANSWERS} answers, none of them a strategy: "
                f"{_problem(text, missing)}; the last began: {excerpt(text) or '(nothing)'}. "
                "What to do: resume the run to ask again, or start one with another model."
            )
        guidance = parse_guidance(text)
        problem = "; ".join(filter(None, (_problem(text, missing), guidance.problem)))
        return replace(guidance, problem=problem), attempt

    def _render(self, section: str, **values: object) -> str:
        return self.options.prompts.render("navigator", section, **values)

    def messages(self, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """The conversation so far, ending with the request for the next strategy."""
        return self.conversation.for_guidance(rounds)


def _without_wrapping(answer: str) -> str:
    text = without_reasoning(answer)
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped.group(1).strip() if wrapped else text


def _problem(text: str, missing: Sequence[str]) -> str:
    if not text:
        return "it holds no text besides the model's reasoning"
    return "it lacks the heading" + ("s " if len(missing) > 1 else " ") + ", ".join(f"`## {name}`" for name in missing)
