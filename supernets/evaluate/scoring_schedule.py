"""In which order a candidate sees the images of a split, and how far it goes: to the end, unless a race stops it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from supernets.evaluate.evaluator import standard_error
from supernets.images.image_sets import Indices

Hits = NDArray[np.bool_]
"""Of one candidate: for each image that it has seen, in the order of the course, whether it was right, `(n,)`."""


@dataclass(frozen=True)
class Accuracy:
    """Percentages. `hits`: of a candidate that has seen the whole split in a race, bits in the order of the split."""

    top1: float
    stderr: float
    hits: bytes | None = None


class ScoringSchedule(ABC):
    stops: ClassVar[bool]
    """Whether a candidate may stop before the end."""
    order: Indices | None
    """Rows of the split as they are seen; None: as they stand."""

    @abstractmethod
    def should_continue(self, hits: Hits) -> bool:
        """Whether a candidate is to see more images than these."""

    @abstractmethod
    def score(self, hits: Hits) -> Accuracy:
        """Of a candidate that has come to the end, or was stopped."""


class AllImages(ScoringSchedule):
    """All images, as they stand."""

    stops = False
    order = None

    def should_continue(self, hits: Hits) -> bool:
        return True

    def score(self, hits: Hits) -> Accuracy:
        top1 = 100 * float(hits.mean())
        return Accuracy(top1, standard_error(top1, len(hits)))
