"""Repairs OpenAI-compatible responses that litellm cannot read, before litellm reads them.

Some servers send content as a list of parts, numbers of tokens that are text, fractions or negative, reasoning in
another field, or a stream without a finish reason. litellm drops such content or fails, although the whole answer has
arrived and is billed. A body that is not of this form, or needs no repair, passes unchanged.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

_DATA, _DONE = b"data:", b"[DONE]"
_REASONING_PARTS = ("thinking", "reasoning")


def repair_body(body: bytes) -> bytes:
    """The body of a response that was not streamed."""
    value = _decode(body)
    return json.dumps(value).encode() if _repair(value, "message") else body


def body_as_stream(body: bytes) -> bytes:
    """A response that a server sent in one piece although a stream was requested, as the events of a stream."""
    value = _decode(body)
    if not _has_choices(value) or not all(isinstance(choice.get("message"), dict) for choice in value["choices"]):
        return body
    _repair(value, "message")
    event = {**value, "object": "chat.completion.chunk", "choices": [_as_delta(each) for each in value["choices"]]}
    usage = {**event, "choices": []}
    event.pop("usage", None)
    return _event(event) + (_event(usage) if usage.get("usage") else b"") + _DATA + b" " + _DONE + b"\n\n"


def repair_stream(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The events of a stream.

    A finish reason is added to a stream that lacks one if the server marked its end with `[DONE]` or reported the
    number of tokens, which comes last.
    """
    repairer, rest = _StreamRepairer(), b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        if lines:
            yield b"".join(repairer.line(line + b"\n") for line in lines)
    yield repairer.line(rest) + repairer.end()


class _StreamRepairer:
    def __init__(self) -> None:
        self._last: dict[str, Any] | None = None
        """The last event that had choices."""
        self._finished = False
        self._counted = False

    def line(self, line: bytes) -> bytes:
        if not line.startswith(_DATA):
            return line
        data = line.removeprefix(_DATA).strip()
        if data == _DONE:
            return self._finish() + line
        event = _decode(data)
        changed = _repair(event, "delta")
        if isinstance(event, dict):
            self._counted |= bool(event.get("usage"))
        if _has_choices(event):
            self._last = event
            self._finished |= any(choice.get("finish_reason") for choice in event["choices"])
        return _event(event).removesuffix(b"\n") if changed else line

    def end(self) -> bytes:
        return self._finish() if self._counted else b""

    def _finish(self) -> bytes:
        if self._finished or self._last is None:
            return b""
        self._finished = True
        choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
        return _event({**self._last, "choices": [choice], "usage": None})


def _decode(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _event(value: Any) -> bytes:
    return _DATA + b" " + json.dumps(value).encode() + b"\n\n"


def _has_choices(value: Any) -> bool:
    choices = value.get("choices") if isinstance(value, dict) else None
    return isinstance(choices, list) and bool(choices) and all(isinstance(choice, dict) for choice in choices)


def _as_delta(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice["message"]
    if calls := _calls(message):
        message = {**message, "tool_calls": [{"index": i, **call} for i, call in enumerate(calls)]}
    return {"index": 0, "delta": message, "finish_reason": choice.get("finish_reason")}


def _repair(value: Any, where: str) -> bool:
    """Repair a response in place; whether anything changed. `where` is `message`, or `delta` in a stream."""
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return False
    changed = _repair_usage(value)
    for choice in value["choices"]:
        message = choice.get(where) if isinstance(choice, dict) else None
        if isinstance(message, dict):
            changed = _repair_message(message) or changed
    return changed


def _repair_message(message: dict[str, Any]) -> bool:
    changed = False
    content = message.get("content")
    if isinstance(content, list | dict):
        text, reasoning = _texts(content if isinstance(content, list) else [content])
        message["content"] = text
        if reasoning and not message.get("reasoning_content"):
            message["reasoning_content"] = reasoning
        changed = True
    thinking = message.get("thinking")
    if isinstance(thinking, str) and not message.get("reasoning_content"):
        message["reasoning_content"] = thinking
        changed = True
    for call in _calls(message):
        function = call.get("function")
        if isinstance(function, dict) and isinstance(function.get("arguments"), dict):
            function["arguments"] = json.dumps(function["arguments"])
            changed = True
    return changed


def _calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    calls = message.get("tool_calls")
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def _texts(parts: list[Any]) -> tuple[str, str]:
    """The text and the reasoning of content that is a list of parts."""
    text, reasoning = "", ""
    for part in parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, dict) and part.get("type") in _REASONING_PARTS:
            reasoning += _text(part.get("thinking") or part.get("reasoning") or part.get("text"))
        elif isinstance(part, dict):
            text += _text(part.get("text") or part.get("content"))
    return text, reasoning


def _text(value: Any) -> str:
    """The text of a part, which may be a list of parts or an object with the text as `value`."""
    if isinstance(value, list):
        return _texts(value)[0]
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else ""


def _repair_usage(value: dict[str, Any]) -> bool:
    usage = value.get("usage")
    if usage is None:
        return False
    repaired = _valid_usage(usage) if isinstance(usage, dict) else None
    if repaired == usage and json.dumps(repaired) == json.dumps(usage):
        return False
    value["usage"] = repaired
    return True


def _valid_usage(usage: dict[str, Any]) -> dict[str, Any]:
    """The entries of `usage` whose numbers of tokens are whole and not negative; fractions are rounded up."""
    kept: dict[str, Any] = {}
    for name, entry in usage.items():
        if isinstance(entry, dict):
            kept[name] = _valid_usage(entry)
        elif not name.endswith("_tokens") or entry is None:
            kept[name] = entry
        elif (tokens := _tokens(entry)) is not None:
            kept[name] = tokens
    return kept


def _tokens(value: Any) -> int | None:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return math.ceil(number) if math.isfinite(number) and number >= 0 else None
