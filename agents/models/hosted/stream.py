"""Requests a response from litellm as a stream, passes its parts on, and returns the whole.

litellm invents a regular last chunk for a stream that was interrupted, so its record of the provider's finish reason is
checked. A stream is closed soon after its deadline, even if its caller has given up waiting. A model that repeats
itself is not waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.models.hosted.litellm_errors import call_error, causes_of
from agents.text.sanitize import MAX_ANSWER_CHARS

REPETITION = "repetition"
"""Finish reason of an answer whose rest was not waited for, because the model repeated itself."""

_PARSING = (ValueError, TypeError, KeyError, AttributeError)
"""Exceptions of code that reads a stream which has another form than it expects."""
_GRACE = 1.0
"""Seconds to continue after the deadline, so that the caller reports it first."""
_MOST_BLANKS = 1_000
"""Characters of white space in a row; more than any table or indentation needs."""
_MOST_REPEATS = 200
"""Equal parts in a row, of more than two characters: shorter ones also repeat in lists of numbers."""


def streamed(arguments: dict[str, Any], on_text: Callable[[str], None]) -> Any:
    """The whole response, after `on_text` received its parts; empty parts stand for reasoning.

    Raises:
        CallError: the stream was empty, interrupted, or did not end in time.
    """
    library = litellm()
    end = time.monotonic() + arguments["timeout"] + _GRACE
    stream = library.completion(**arguments, stream=True, stream_options={"include_usage": True})
    chunks: list[Any] = []
    repetition = _Repetition()
    failure: CallError | None
    try:
        complete = _receive(stream, end, chunks, repetition, on_text)
    except CallError:
        raise
    except Exception as error:
        failure = call_error(error)
        failure.unreadable = any(isinstance(cause, _PARSING) for cause in causes_of(error))
    else:
        failure = None if complete else _interrupted(chunks)
    # Raised outside the handler, so that the original, which can hold request headers, is not chained to it.
    if failure:
        raise failure
    response = library.stream_chunk_builder(chunks, messages=arguments["messages"])
    if not any(getattr(chunk, "usage", None) for chunk in stream.chunks):
        response.usage = None  # litellm counted the tokens itself
    if repetition.count:
        response.choices[0].finish_reason = REPETITION
    return response


def _receive(
    stream: Any, end: float, chunks: list[Any], repetition: _Repetition, on_text: Callable[[str], None]
) -> bool:
    """Add the chunks of a stream to `chunks`; False if the stream ended without a finish reason."""
    length = 0
    for chunk in stream:
        chunks.append(chunk)
        piece = _piece(chunk)
        if piece or _reasons(chunk):
            on_text(piece)
            length += len(piece)
        if length > MAX_ANSWER_CHARS or repetition.found(piece):
            _close(stream)
            return True
        if time.monotonic() > end:
            _close(stream)
            raise CallError("no complete answer in time", "give the model a longer deadline", transient=True)
    return bool(stream.received_finish_reason or stream.intermittent_finish_reason)


def _interrupted(chunks: list[Any]) -> CallError:
    length = sum(map(len, map(_piece, chunks)))
    what = f"the answer broke off after {length:,} characters" if length else "the stream was empty"
    advice = "check the server's log, or choose another model"
    return CallError(what, advice, transient=True, billed=length > 0, unreadable=True)


class _Repetition:
    """Notices a model that repeats one part of its answer, or white space, without end."""

    def __init__(self) -> None:
        self.count = 0
        """Number of repetitions once there are too many of them, else 0."""
        self._blanks = 0
        self._last = ""
        self._repeats = 0

    def found(self, piece: str) -> bool:
        if not piece:
            return False
        self._blanks = len(piece) - len(piece.rstrip()) + (0 if piece.strip() else self._blanks)
        self._repeats = self._repeats + 1 if piece == self._last and len(piece) > 2 else 1
        self._last = piece
        if self._blanks > _MOST_BLANKS or self._repeats > _MOST_REPEATS:
            self.count = max(self._blanks, self._repeats)
        return self.count > 0


def _piece(chunk: Any) -> str:
    """The arguments of a chunk's tool call, else its text."""
    delta = chunk.choices[0].delta if chunk.choices else None
    if delta is None:
        return ""
    calls = getattr(delta, "tool_calls", None)
    arguments = calls[0].function.arguments if calls and calls[0].function else ""
    return str(arguments or delta.content or "")


def _reasons(chunk: Any) -> bool:
    return bool(chunk.choices and getattr(chunk.choices[0].delta, "reasoning_content", None))


def _close(stream: Any) -> None:
    # The server would go on generating, and billing, until its limit.
    close = getattr(stream.completion_stream, "close", None)
    if close is not None:
        close()
