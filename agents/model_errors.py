"""What can go wrong between the program and a model, and how it is told without giving a key away.

`CallError` is one failed try, raised by a chat model; `ModelError` is the end of all tries, told to a person. This
module knows no provider.
"""

from __future__ import annotations

from agents.text.sanitize import excerpt
from common.errors import UserError
from common.redaction import redact


class ModelError(UserError):
    """A model gave no usable answer; says which, what happened, how many tries, what to do."""


class BudgetSpent(ModelError):
    """A call was not made, because it could have taken more than is left; says of what, and how much."""


class CallError(Exception):
    """One failed try. `transient`: worth another; `retry_after`: seconds the server asked to be left alone."""

    def __init__(self, what: str, advice: str, *, transient: bool, retry_after: float | None = None) -> None:
        self.what = excerpt(redact(what), 400)
        self.advice = advice
        self.transient = transient
        self.retry_after = retry_after
        super().__init__(self.what)
