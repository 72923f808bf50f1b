"""What pays for calls, as a caller sees it: money is laid aside before a try and settled when it ends.

Who keeps the books, and in what, is for others to say.
"""

from __future__ import annotations

from typing import Protocol

from agents.calls.transcript import Request


class CallBudget(Protocol):
    def reserve(self, request: Request) -> int | None:
        """Lay aside what a try may take; the most tokens that its answer may have, None for no limit.

        Raises:
            BudgetSpent: too little is left.
        """

    def release(self) -> None:
        """The try cost nothing, or what it took is on record. One that is never settled may yet be billed."""


class UnlimitedCalls:
    """For models that cost nothing, and where nothing is limited."""

    def reserve(self, request: Request) -> int | None:
        return None

    def release(self) -> None:
        pass
