"""Labelled image sets and the three disjoint splits of a protocol.

Notable: a protocol names image sets by their `hash`, which covers pixels or files, labels, class names and decoder
version. `Splits` refuses sets that share an image, compared by content. Knows no network and no file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from supernets.images.decoding import DECODER, Bytes, ImageError

Indices = NDArray[np.int64]
NAMES = ("calibrate", "search", "report")

ProgressReport = Callable[[int, int], None]
"""Called with the number of images that are done and the number of all images to do."""


class Images(Protocol):
    """The interface of labelled image sets; `ImageSet` and `FullSizeSet` store pixels in different ways."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> Indices:
        """Class of each image as an index into `classes`, `(N,)`."""

    @property
    def digests(self) -> NDArray[np.uint64]:
        """A 64-bit fingerprint of each image's content, `(N,)`."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def hash(self) -> str: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """Labelled images of one size.

    `pixels` is `(N, side, side, 3)` uint8, `labels` `(N,)` indices into `classes`, `digests` `(N,)` one 64-bit
    fingerprint of each image. `notes`: sentences for the user on images that were left out.
    """

    name: str
    pixels: Bytes
    labels: Indices
    digests: NDArray[np.uint64]
    classes: tuple[str, ...]
    hash: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, name: str, pixels: Bytes, labels: Indices, classes: Sequence[str], notes: Sequence[str] = ()
    ) -> ImageSet:
        """A set whose fingerprints and hash are those of its pixels."""
        digests = pixel_digests(pixels)
        header = json.dumps([DECODER, pixels.shape[1], list(classes)]).encode()
        content = hashlib.sha256(header + labels.astype("<i8").tobytes() + digests.tobytes())
        return cls(
            name=name, pixels=pixels, labels=labels, digests=digests, classes=tuple(classes), hash=content.hexdigest(),
            notes=tuple(notes),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def side(self) -> int:
        return int(self.pixels.shape[1])


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Three disjoint image sets: for batch-norm calibration, for scores a search may see, for the final report.

    Args:
        held_out: False for a protocol of the literature that reports on images used in the search; then the sets may
            share images.
        notes: sentences for readers of the scores, such as on files that were left out.

    Raises:
        ImageError: two sets share an image, compared by content, or have different classes.
    """

    calibrate: Images
    search: Images
    report: Images
    held_out: bool = True
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for (a, first), (b, second) in combinations(self.named(), 2):
            shared = np.intersect1d(first.digests, second.digests).size if self.held_out else 0
            if shared:
                raise ImageError(
                    f"image splits {a} and {b}: expected no image in both, found {shared}; "
                    "remove the duplicates, because a report needs images that the search has not used"
                )
            if first.classes != second.classes:
                raise ImageError(f"image splits {a} and {b}: expected the same class folders in both")

    def named(self) -> list[tuple[str, Images]]:
        return [("calibrate", self.calibrate), ("search", self.search), ("report", self.report)]


def pixel_digests(pixels: Bytes) -> NDArray[np.uint64]:
    """A 64-bit fingerprint of the pixels of each image, `(N,)`."""
    found = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in pixels)
    return np.frombuffer(b"".join(found), "<u8")


def balanced_order(labels: Indices, seed: int) -> Indices:
    """All indices, shuffled, in rounds of one index of each class that has any left."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    # The rank of each index within its class is its round; the sorts are stable, so rounds stay shuffled.
    by_class = order[np.argsort(labels[order], kind="stable")]
    counts = np.bincount(labels)
    rounds = np.empty(len(order), dtype=np.int64)
    rounds[by_class] = np.concatenate([np.arange(n) for n in counts])
    return order[np.argsort(rounds[order], kind="stable")]


def iterate_batches(count: int, batch: int) -> Iterator[slice]:
    """Slices that cover `count` images, `batch` at a time."""
    return (slice(start, min(start + batch, count)) for start in range(0, count, batch))
