"""A response of litellm as a stream: its pieces as they come, and in the end the whole of it.

Notable: at the end of a stream that was cut litellm makes up a last chunk as if all were well, so its own note of what
the provider said is asked. A stream ends by itself soon after its time is up, also when nobody waits for it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.text.sanitize import MAX_ANSWER_CHARS

_GRACE = 1.0
"""Seconds after the deadline: it is the caller's to tell."""
_LATER = "resume the run later, or choose another model"


def streamed(arguments: dict[str, Any], on_text: Callable[[str], None]) -> Any:
    """The whole response, after its pieces; None from a server that sends no stream.

    Raises:
        CallError: the stream broke off, or did not end in time.
    """
    library = litellm()
    end = time.monotonic() + arguments["timeout"] + _GRACE
    stream = library.completion(**arguments, stream=True, stream_options={"include_usage": True})
    chunks, length = [], 0
    for chunk in stream:
        chunks.append(chunk)
        if piece := _piece(chunk):
            on_text(piece)
            length += len(piece)
        if length > MAX_ANSWER_CHARS:
            break
        if time.monotonic() > end:
            raise CallError("no complete answer in time", _LATER, transient=True)
    else:
        if not (stream.received_finish_reason or stream.intermittent_finish_reason):
            if not length:
                return None
            raise CallError(f"the answer broke off after {length} characters", _LATER, transient=True)
    return library.stream_chunk_builder(chunks, messages=arguments["messages"])


def _piece(chunk: Any) -> str:
    """The text of a chunk; with a tool call, that of its arguments."""
    delta = chunk.choices[0].delta if chunk.choices else None
    if delta is None:
        return ""
    calls = getattr(delta, "tool_calls", None)
    return (calls[0].function.arguments if calls else delta.content) or ""
