"""One budget for every strategy: evaluations, minutes, tokens and US dollars, asked before anything is spent.

Notable: minutes count over all processes of a run; `earlier` is what the archive remembers of those before this one.
Tokens and dollars are not counted here: `paid` tells what the archive holds of them, with what is laid aside.
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
        *,
        tokens: int | None = None,
        usd: float | None = None,
        paid: Callable[[], tuple[int, float]] = lambda: (0, 0.0),
    ) -> None:
        self.evaluations = evaluations
        self.minutes = minutes
        self.spent = spent
        self.tokens = tokens
        self.usd = usd
        self._paid = paid
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

    @property
    def limits_calls(self) -> bool:
        """Whether calls of language models are limited by what they take."""
        return self.tokens is not None or self.usd is not None

    @property
    def left_for_calls(self) -> tuple[float, float]:
        """Tokens and US dollars that may still be spent; infinite where there is no limit."""
        tokens, usd = self._paid()
        inf = float("inf")
        return (inf if self.tokens is None else self.tokens - tokens), (inf if self.usd is None else self.usd - usd)

    def refusal(self, tokens: int, usd: float) -> str:
        """Which part of the budget does not hold a call that could take as much, in words."""
        used_tokens, used_usd = self._paid()
        if self.usd is not None and usd > self.usd - used_usd:
            return f"budget of {self.usd:.2f} USD spent: {used_usd:.4f} used, the next call could take {usd:.4f}"
        return f"budget of {self.tokens:,} tokens spent: {used_tokens:,} used, the next call could take {tokens:,}"
