"""One budget for every strategy: evaluations and minutes, asked before anything is spent.

Notable: minutes count over all processes of a run; `earlier` is what the archive remembers of those before this one.
"""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """What may still be spent; `clock` returns seconds that only grow."""

    def __init__(
        self,
        evaluations: int,
        minutes: float | None,
        clock: Callable[[], float],
        spent: int = 0,
        earlier: float = 0.0,
    ) -> None:
        self.evaluations = evaluations
        self.minutes = minutes
        self.spent = spent
        self._clock = clock
        self._started = clock() - earlier

    @property
    def seconds(self) -> float:
        """Seconds that the run has taken, in this process and in earlier ones."""
        return self._clock() - self._started

    @property
    def left(self) -> int:
        """Evaluations that may still be made."""
        return max(0, self.evaluations - self.spent)

    def spend(self) -> None:
        """Count one evaluation."""
        self.spent += 1

    def exhausted(self) -> str:
        """Which part of the budget is spent, in words; empty while something is left of every part."""
        if not self.left:
            return f"budget of {self.evaluations} evaluations spent"
        if self.minutes is not None and self.seconds >= 60 * self.minutes:
            return f"budget of {self.minutes:g} minutes spent"
        return ""

    def remaining(self) -> float | None:
        """Seconds until the budget is spent at the present rate; None before anything is known."""
        if not self.spent:
            return None
        seconds = self.seconds
        rest = seconds / self.spent * self.left
        return rest if self.minutes is None else max(0.0, min(rest, 60 * self.minutes - seconds))
