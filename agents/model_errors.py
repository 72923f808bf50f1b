"""Errors of calls to language models, with secrets removed from their messages.

A chat model raises `CallError` for one failed try; a caller raises `ModelError` when no try succeeded. This module
knows no provider.
"""

from __future__ import annotations

from agents.text.sanitize import excerpt
from common.errors import UserError
from common.redaction import redact


class ModelError(UserError):
    """A model gave no usable answer; the message names the model, the cause, the number of tries and what to do."""


class BudgetSpent(ModelError):
    """A call was not made because it could exceed what is left of a budget; the message says which and by how much."""


class CallError(Exception):
    """One failed try.

    Args:
        what: what happened; secrets are removed and the text is shortened.
        advice: what the user can do, as the end of "What to do: ...".
        transient: whether another try may succeed.
        retry_after: seconds that the server asked to wait.
        billed: whether the model generated something, so that the provider bills the try.
        unreadable: whether a stream could not be read, so that an answer in one piece may succeed.
    """

    def __init__(
        self,
        what: str,
        advice: str,
        *,
        transient: bool,
        retry_after: float | None = None,
        billed: bool = False,
        unreadable: bool = False,
    ) -> None:
        self.what = excerpt(redact(what), 400)
        self.advice = advice
        self.transient = transient
        self.retry_after = retry_after
        self.billed = billed
        self.unreadable = unreadable
        super().__init__(self.what)
