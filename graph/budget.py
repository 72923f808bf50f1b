"""One budget for every strategy: evaluations, minutes, tokens and US dollars, checked before anything is spent.

Notable: minutes are counted over all processes of a run. Tokens and dollars are not counted here but in the archive.
"""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """What may still be spent.

    Args:
        clock: monotonic seconds.
        spent: evaluations made so far.
        earlier: seconds taken by earlier processes of the run.
        paid: returns tokens and US dollars of all calls, including those reserved.
    """

    def __init__(
        self,
        *,
        evaluations: int,
        minutes: float | None = None,
        clock: Callable[[], float],
        spent: int = 0,
        earlier: float = 0.0,
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
        """Seconds that the run has taken, in all its processes."""
        return self._clock() - self._started

    @property
    def left(self) -> int:
        """Evaluations that may still be made."""
        return max(0, self.evaluations - self.spent)

    def spend(self) -> None:
        """Count one evaluation."""
        self.spent += 1

    def exhausted(self) -> str:
        """A sentence on the part of the budget that is spent; empty while some of every part is left."""
        if not self.left:
            return f"budget of {self.evaluations} evaluations spent"
        if self.minutes is not None and self.seconds >= 60 * self.minutes:
            return f"budget of {self.minutes:g} minutes spent"
        return ""

    def remaining(self) -> float | None:
        """Seconds until the budget is spent at the present rate; None before the first evaluation."""
        if not self.spent:
            return None
        seconds = self.seconds
        rest = seconds / self.spent * self.left
        return rest if self.minutes is None else max(0.0, min(rest, 60 * self.minutes - seconds))

    @property
    def limits_calls(self) -> bool:
        """Whether tokens or US dollars are limited."""
        return self.tokens is not None or self.usd is not None

    @property
    def left_for_calls(self) -> tuple[float, float]:
        """Tokens and US dollars that may still be spent; infinite where there is no limit."""
        tokens, usd = self._paid()
        inf = float("inf")
        return (inf if self.tokens is None else self.tokens - tokens), (inf if self.usd is None else self.usd - usd)

    def refusal(self, tokens: int, usd: float) -> str:
        """A sentence on the part of the budget that a call of up to this size would exceed."""
        used_tokens, used_usd = self._paid()
        if self.usd is not None and usd > self.usd - used_usd:
            return f"budget of {self.usd:.2f} USD spent: {used_usd:.4f} used, the next call could take {usd:.4f}"
        return f"budget of {self.tokens:,} tokens spent: {used_tokens:,} used, the next call could take {tokens:,}"
