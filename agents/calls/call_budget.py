"""The budget of calls as a caller uses it: tokens and money are reserved before a try and released after it.

How spending is counted and stored is up to the implementation.
"""

from __future__ import annotations

from typing import Protocol

from agents.calls.transcript import Request


class CallBudget(Protocol):
    """Reserves what each try may cost, so that calls in flight never exceed the budget together."""

    def reserve(self, request: Request) -> int | None:
        """Reserve what a try may cost; the maximum number of tokens of its answer, None for no limit.

        Raises:
            BudgetSpent: too little is left.
        """

    def release(self) -> None:
        """Release the last reservation: the try cost nothing, or its cost is recorded.

        A reservation that is never released counts as spent, because the provider may still bill the try.
        """


class UnlimitedCalls:
    """The budget of calls that cost nothing or are not limited."""

    def reserve(self, request: Request) -> int | None:
        return None

    def release(self) -> None:
        pass
