"""The contract of an evaluator: from architectures to scores with their errors and protocol. Knows no network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from common.errors import UserError
from supernets.evaluate.protocol import Protocol
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROUP = 8
"""Maximum number of candidates that are scored together, and so become known at the same moment."""


class ScoringStopped(UserError):
    """Scoring cannot continue, for a reason outside of the request; earlier scores remain valid."""


class OutOfMemory(ScoringStopped):
    """There is not enough memory to score the candidates."""


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
    """One bit for each image of the split, 1 for a correct result; later races need them of complete candidates."""


class Evaluator(ABC):
    """Scores architectures, each on the same images under one protocol.

    - A score depends only on the architecture and the protocol, not on the order or on earlier scores. Only a race
      (`racing`) may stop before all images are seen: then `images` is the number of images seen, the score is an
      estimate below the best complete candidate, and both depend on the complete candidates too.
    - `evaluate` yields evaluations in the requested order, each as soon as it is done; callers may stop at any time.
    - It raises `OutOfMemory` if even the smallest unit of work does not fit, and another `ScoringStopped` otherwise.
    - `report` uses images that `evaluate` never sees.
    """

    protocol: Protocol
    instant: ClassVar[bool] = False
    """Whether scores are free, so that they need not be saved at once like scores that took minutes."""
    on_message: Callable[[str], None] = staticmethod(lambda text: None)
    """Called with sentences for the user; set by the caller that shows them."""
    on_images: Callable[[int, int], None] = staticmethod(lambda done, total: None)
    """Called while architectures are scored together with the images they have seen and will see; set by the caller."""

    @abstractmethod
    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        """Score architectures on the search split."""

    @abstractmethod
    def report(self, a: Architecture) -> Evaluation:
        """Score an architecture on the report split, for the winner of a search."""

    def close(self) -> None:  # noqa: B027
        """Release what scoring needs; nothing can be scored afterwards."""

    def racing(self, complete: Sequence[bytes], error: float) -> Evaluator:
        """This evaluator, except that it stops candidates that cannot beat the best complete one (`race.py`).

        Args:
            complete: the `hits` of the complete candidates.
            error: maximum probability of stopping a candidate that would win.

        Raises:
            UserError: this evaluator does not score image by image.
        """
        raise UserError("--fidelity race needs scores that are measured on images; leave it out for this supernet")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An evaluator that is ready to score, and what the user must know about its scores."""

    evaluator: Evaluator
    settings_shown: tuple[tuple[str, str, str], ...]
    """Label and value of each line shown at the start of a run, and the setting that decides the value."""
    notes: tuple[str, ...] = ()
    """Sentences on how far the scores can be trusted."""
    closing: tuple[str, ...] = ()
    """Sentences on what to try next, shown at the end of a run."""


Percent = TypeVar("Percent", float, "NDArray[np.float64]")


def standard_error(top1: Percent, images: int) -> Percent:
    """Binomial standard error in percentage points of an accuracy in percent, or of an array of them."""
    share = top1 / 100
    error: Percent = 100 * (share * (1 - share) / images) ** 0.5
    return error
