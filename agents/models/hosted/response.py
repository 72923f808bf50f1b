"""Reads the text, the end and the tokens of an answer from litellm's response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.models.hosted.pricing import count_tokens
from agents.models.hosted.stream import REPETITION
from agents.text.sanitize import excerpt, without_reasoning

LENGTH = "length"
"""Finish reason of an answer that reached the maximum number of tokens."""

_LIMIT = "raise the server's limit on the tokens of an answer, or lower the reasoning effort (--reasoning-effort)"
_NO_REASONING = (
    "start the server without its reasoning parser, or turn the model's reasoning off (--reasoning-effort none)"
)
_AS_REASONING = f"The server sends answers as reasoning; they are used where they are complete. Better {_NO_REASONING}."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that is not empty."""

    text: str
    finish_reason: str | None
    fits: bool | None
    """Whether the text fits the requested schema; None without a schema."""
    notes: tuple[str, ...] = ()
    """Sentences for the user about the server."""


def read_answer(response: Any, schema: Mapping[str, Any] | None) -> Answer:
    """The answer in the first choice of a response.

    Raises:
        CallError: the answer is empty, or it ended in repetitions before it was complete.
    """
    choice = response.choices[0]
    text, reasoning = _text(choice.message), _reasoning(choice.message)
    notes: tuple[str, ...] = ()
    if not text and schema and _fits(reasoning, schema):
        text = reasoning
        notes = (_AS_REASONING,)
    if not text:
        raise _empty(choice, reasoning)
    fits = _fits(without_reasoning(text), schema) if schema else None
    if choice.finish_reason == REPETITION:
        blank = (choice.message.content or "").rstrip() != choice.message.content
        rest = "only blanks" if blank else f"only repetitions: {excerpt(text[-40:])}"
        what = f"after {len(text):,} characters the model sent {rest}"
        if schema and not fits and not _is_json(text):
            raise CallError(what, "choose another model", transient=True, billed=True, unreadable=True)
        notes = (*notes, f"An answer was used without its end: {what}.")
    if choice.finish_reason == LENGTH:
        received = _tokens(response)[1]
        after = f" of {received:,} tokens" if received else ""
        notes = (*notes, f"An answer stopped at its length limit{after}. If it was not complete, {_LIMIT}.")
    return Answer(text=text, finish_reason=choice.finish_reason, fits=fits, notes=notes)


def complete_usage(response: Any, name: str, messages: list[dict[str, str]]) -> bool:
    """Count the tokens that the server did not report; whether there were any. Otherwise calls would appear free."""
    sent, received = _tokens(response)
    if sent and received:
        return False
    message = response.choices[0].message
    answer = _reasoning(message) + _text(message)
    sent, received = sent or count_tokens(name, messages), received or count_tokens(name, answer)
    response.usage = litellm().Usage(sent, received, sent + received)
    return True


def _tokens(response: Any) -> tuple[int, int]:
    """Tokens of the prompt and of the answer; 0 for those that the server did not report."""
    usage = getattr(response, "usage", None)
    sent, received = (getattr(usage, f"{part}_tokens", 0) or 0 for part in ("prompt", "completion"))
    return max(0, sent), max(0, received)


def _text(message: Any) -> str:
    """The arguments of a tool call if there are any, else the content."""
    calls = getattr(message, "tool_calls", None) or ()
    arguments = next((call.function.arguments for call in calls if call.function.arguments), "")
    content = (message.content or "").rstrip()
    return content if content and arguments.strip() in ("", "{}", "null") else arguments.rstrip()


def _reasoning(message: Any) -> str:
    return str(getattr(message, "reasoning_content", None) or "").strip()


def _empty(choice: Any, reasoning: str) -> CallError:
    """The error for a response without an answer."""
    fields = getattr(choice.message, "provider_specific_fields", None) or {}
    if refusal := fields.get("refusal"):
        return CallError(f"the model refuses: {refusal}", "choose another model", transient=True, billed=True)
    if choice.finish_reason == "content_filter":
        what = "the provider's content filter withheld the answer"
        return CallError(what, "choose another model", transient=True, billed=True)
    if choice.finish_reason in (LENGTH, REPETITION):
        where = f"all of its {len(reasoning):,} characters are reasoning" if reasoning else "it is blank"
        what = f"the answer reached its length limit before it began: {where}"
        return CallError(what, _LIMIT, transient=True, billed=True)
    if reasoning:
        what = f"the answer is empty, and {len(reasoning):,} characters came as reasoning: {excerpt(reasoning, 80)}"
        return CallError(what, _NO_REASONING, transient=True, billed=True)
    return CallError("an empty answer", "try another model", transient=True, billed=True)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    import jsonschema

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return jsonschema.Draft202012Validator(schema).is_valid(value)
