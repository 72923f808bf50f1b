"""A short record of a large image set, which tells whether another set shares images with it.

It keeps the smallest fingerprints of the set. Fingerprints are evenly spread numbers, so the share of these that occur
in the other set estimates how many of all do.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_KEPT = 1024


@dataclass(frozen=True)
class Sketch:
    """The smallest fingerprints of an image set, all of them if there are few."""

    digests: NDArray[np.uint64]
    """Sorted and distinct, `(K,)`."""
    whole: bool
    """Whether these are all fingerprints of the set."""

    @classmethod
    def of(cls, digests: NDArray[np.uint64]) -> Sketch:
        distinct = np.unique(digests)
        return cls(distinct[:_KEPT], len(distinct) <= _KEPT)

    @property
    def text(self) -> str:
        """The sketch as ASCII, for the metadata of a file."""
        return f"{'all' if self.whole else 'part'}:{base64.b64encode(self.digests.astype('<u8').tobytes()).decode()}"

    @classmethod
    def read(cls, text: str) -> Sketch:
        """The inverse of `text`.

        Raises:
            ValueError: the text is not that of a sketch.
        """
        kind, _, content = text.partition(":")
        digests = np.frombuffer(base64.b64decode(content, validate=True), "<u8")
        if kind not in ("all", "part") or (kind == "part" and not len(digests)):
            raise ValueError("expected all: or part: and fingerprints")
        return cls(digests, kind == "all")

    def shared(self, digests: NDArray[np.uint64]) -> float:
        """The estimated share of the images of another set that this set has too, from 0 to 1."""
        distinct = np.unique(digests)
        if not self.whole:
            # Above the largest that is kept, the sketch does not know what the set holds.
            distinct = distinct[distinct <= self.digests[-1]]
        return float(np.isin(distinct, self.digests).mean()) if len(distinct) else 0.0
