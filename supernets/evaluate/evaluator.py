"""What an evaluator is: architectures in, scores with their errors and their protocol out. Knows no network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from common.errors import UserError
from supernets.evaluate.protocol import Protocol
from supernets.space.architecture import Architecture

GROUP = 8
"""Most candidates that are scored together, and so become known at the same moment."""


class ScoringStopped(UserError):
    """Scoring cannot go on, through no fault of what was asked; what was scored before stands."""


class OutOfMemory(ScoringStopped):
    """Memory does not hold what was to be scored."""


@dataclass(frozen=True)
class Evaluation:
    """One score: `top1` and `stderr` are percentages of `images` images, `protocol` the id of how it was measured."""

    architecture: Architecture
    top1: float
    stderr: float
    images: int
    seconds: float
    protocol: str
    hits: bytes | None = None
    """For each image of the split a bit, whether it was right: what later races need of a candidate that saw all."""


class Evaluator(ABC):
    """Scores architectures, each on the same images under one protocol.

    - A score depends on the architecture and the protocol alone: not on order, nor on what was scored before. Only a
      race (`racing`) may stop before all images are seen: then `images` says how many were, the score is an estimate
      below the best that was raced against, and both depend on that field too.
    - `evaluate` yields in the order asked, one by one, as each is done; it may be abandoned at any time.
    - `OutOfMemory` is raised once there is no smaller way of doing it, another `ScoringStopped` where that is not why.
    - `report` uses images that `evaluate` never sees.
    """

    protocol: Protocol
    instant: ClassVar[bool] = False
    """Whether a score costs nothing, so that it need not be guarded like one that took minutes."""
    on_message: Callable[[str], None] = staticmethod(lambda text: None)
    """Takes sentences for whoever watches; set by them."""

    @abstractmethod
    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        """Scores on the search split."""

    @abstractmethod
    def report(self, a: Architecture) -> Evaluation:
        """The score on the report split, for the winner of a search."""

    def close(self) -> None:  # noqa: B027
        """End what was begun for scoring; nothing is scored after it."""

    def racing(self, complete: Sequence[bytes], error: float) -> Evaluator:
        """The same, but candidates that cannot beat the best of others are stopped (`race.py`).

        Args:
            complete: the `hits` of these others.
            error: probability at most with which a candidate that would win is stopped.

        Raises:
            UserError: this evaluator does not see images one by one.
        """
        raise UserError(
            "--fidelity race saves images where scores are measured on them; here they are not: leave it out"
        )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An evaluator, ready, and what a reader of its scores must know."""

    evaluator: Evaluator
    settings_shown: tuple[tuple[str, str, str], ...]
    """Label, value, and the setting from which it follows."""
    notes: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    """What to try next."""


def standard_error(top1: float, images: int) -> float:
    """Binomial standard error in percentage points of an accuracy in percent."""
    share = top1 / 100
    return 100 * float((share * (1 - share) / images) ** 0.5)
