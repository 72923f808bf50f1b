"""The order in which a candidate sees the images of a split, and when it stops: at the end, or earlier in a race."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from supernets.evaluate.evaluator import standard_error
from supernets.images.image_sets import Indices

Hits = NDArray[np.bool_]
"""Whether a candidate classified each image correctly, `(n,)`, for the images seen so far, in the schedule's order."""


@dataclass(frozen=True)
class Accuracy:
    """Top-1 and its standard error in percent.

    `hits`: packed hits in the order of the split, for a candidate that has seen all images in a race.
    """

    top1: float
    stderr: float
    hits: bytes | None = None


class ScoringSchedule(ABC):
    """The order of the images, and the rule for stopping."""

    stops: ClassVar[bool]
    """Whether a candidate may stop before the end."""
    order: Indices | None
    """Rows of the split in the order in which they are seen; None for the order of the split."""

    @abstractmethod
    def should_continue(self, hits: Hits) -> bool:
        """Whether a candidate with these hits sees more images."""

    @abstractmethod
    def score(self, hits: Hits) -> Accuracy:
        """The accuracy of a candidate that has finished or was stopped."""


class AllImages(ScoringSchedule):
    """All images, in the order of the split."""

    stops = False
    order = None

    def should_continue(self, hits: Hits) -> bool:
        return True

    def score(self, hits: Hits) -> Accuracy:
        top1 = 100 * float(hits.mean())
        return Accuracy(top1, standard_error(top1, len(hits)))
