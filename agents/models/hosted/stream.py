"""Requests a response from litellm as a stream, passes its parts on, and returns the whole.

litellm invents a regular last chunk for a stream that was interrupted, so its record of the provider's finish reason is
checked. A stream is closed soon after its deadline, even if its caller has given up waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.text.sanitize import MAX_ANSWER_CHARS

_GRACE = 1.0
"""Seconds to continue after the deadline, so that the caller reports it first."""
_LATER = "resume the run later, or choose another model"


def streamed(arguments: dict[str, Any], on_text: Callable[[str], None]) -> Any:
    """The whole response, after `on_text` received its parts; None from a server that does not stream.

    Raises:
        CallError: the stream was interrupted, or did not end in time.
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
    """The text of a chunk, or the arguments of its tool call."""
    delta = chunk.choices[0].delta if chunk.choices else None
    if delta is None:
        return ""
    calls = getattr(delta, "tool_calls", None)
    return (calls[0].function.arguments if calls else delta.content) or ""
