"""What can go wrong between the program and a model, and how it is told without giving a key away.

`CallError` is one failed try, raised by a chat model; `ModelError` is the end of all tries, told to a person. This
module knows no provider; it hides whatever the environment calls a key, a token, a secret or a password.
"""

from __future__ import annotations

import os
import re

from agents.cleaning import excerpt
from errors import UserError

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)", re.IGNORECASE)
# Shorter values are placeholders such as `EMPTY` or `lm-studio`, which also occur in ordinary text.
_SHORTEST_SECRET = 12
_HIDDEN = "[hidden]"
_LOOKS_SECRET = re.compile(
    r"\b(sk|gsk|xai|hf|pplx|nvapi|AIza)[-_]?[A-Za-z0-9_*\-]{8,}|(?<=Bearer )\S+|(?<=://)[^/\s@]+@"
)


class ModelError(UserError):
    """A model gave no usable answer; says which, what happened, how many tries, what to do."""


class CallError(Exception):
    """One failed try. `transient`: worth another; `retry_after`: seconds the server asked to be left alone."""

    def __init__(self, what: str, advice: str, *, transient: bool, retry_after: float | None = None) -> None:
        self.what = excerpt(redact(what), 400)
        self.advice = advice
        self.transient = transient
        self.retry_after = retry_after
        super().__init__(self.what)


def redact(text: str) -> str:
    """`text` without secrets: values of the environment's secrets, and what has the look of a key."""
    return _LOOKS_SECRET.sub(_HIDDEN, redact_known(text))


def redact_known(text: str) -> str:
    """`text` without the values of the environment's secrets; leaves everything else as it is, so safe for answers."""
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, _HIDDEN)
    return text
