"""Image sets of files, each image cropped for every input side as the family's authors do.

Notable: splits are drawn from file names alone, so that of a million training images only those of a split are read.
Files that cannot be read, and images whose content is in two splits, are left out, counted and noted. For a report set
with several possible sides only the files are checked at first, since the winner needs one side.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supernets.images.crop_cache import CropCache
from supernets.images.cropping import Cropping
from supernets.images.decoding import DECODER, Bytes, ImageError
from supernets.images.image_sets import NAMES, ImageSet, Indices, ProgressReport, Splits, balanced_order
from supernets.images.sources import Source

_SHOWN = 3
"""Maximum number of unreadable files that a note names."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Image files of a source with their labels; nothing is opened."""

    name: str
    source: Source
    files: tuple[str, ...]
    labels: Indices
    notes: tuple[str, ...] = ()
    """Sentences for the user on how classes were found and what was left out."""

    def __len__(self) -> int:
        return len(self.files)

    def take(self, indices: Indices) -> Listing:
        return replace(self, files=tuple(self.files[i] for i in indices), labels=self.labels[indices])

    def draw(self, sizes: Mapping[str, int], seed: int) -> dict[str, Listing]:
        """Disjoint parts of these sizes, balanced over classes; proportionally smaller where there are fewer files.

        Raises:
            ImageError: there are fewer files than parts.
        """
        if len(self) < len(sizes):
            raise ImageError(
                f"image folder {self.source.root}: expected at least {len(sizes)} images, one for each of "
                f"{', '.join(sizes)}; got {len(self)}; add images"
            )
        share = min(1.0, len(self) / sum(sizes.values()))
        order, parts, start = self.take(balanced_order(self.labels, seed)), {}, 0
        for name, size in sizes.items():
            end = start + max(1, int(size * share))
            parts[name] = order.take(np.arange(start, min(end, len(self))))
            start = end
        return parts


@dataclass(frozen=True, kw_only=True)
class FullSizeSet:
    """The readable images of a listing."""

    name: str
    crops: CropCache
    rows: Indices
    """Rows of the images in `crops`, `(N,)`."""
    labels: Indices
    digests: NDArray[np.uint64]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def hash(self) -> str:
        """Hash of file contents, labels, class names and decoder; the protocol has its own fields for the cropping."""
        header = json.dumps(["full size", DECODER, list(self.classes)]).encode()
        content = self.labels.astype("<i8").tobytes() + self.digests.astype("<u8").tobytes()
        return hashlib.sha256(header + content).hexdigest()

    def read(self, side: int, part: slice | Indices) -> Bytes:
        """A copy of some images' crops, `(n, side, side, 3)`; makes all crops of that side if they are missing."""
        return np.array(self.crops.pixels(side)[self.rows[part]])

    def squares(self, side: int) -> ImageSet:
        """The crops of one side as a set of their own, from which other sides are resized."""
        pixels = self.crops.pixels(side)
        pixels = pixels if len(self) == len(pixels) else pixels[self.rows]
        digest = hashlib.sha256(f"{self.hash}|{side}".encode()).hexdigest()
        return ImageSet(
            name=self.name, pixels=pixels, labels=self.labels, digests=self.digests, classes=self.classes, hash=digest
        )

    def keep(self, chosen: NDArray[np.bool_]) -> FullSizeSet:
        return replace(self, rows=self.rows[chosen], labels=self.labels[chosen], digests=self.digests[chosen])


def open_splits(
    listings: Mapping[str, Listing],
    classes: Sequence[str],
    cropping: Cropping,
    sides: Sequence[int],
    cache: Path,
    progress: ProgressReport | None = None,
    held_out: bool = True,
    notes: Sequence[str] = (),
    squares: bool = False,
) -> Splits:
    """The splits `calibrate`, `search` and `report` of three listings, decoded for `sides`.

    Args:
        listings: by the split's name.
        held_out: whether images that are in several splits are left out.
        notes: further sentences for the user on the splits.
        squares: return the crops of the one side as stored squares, from which other sides are resized.

    Raises:
        ImageError: no image of a split can be read, or the cache cannot be written.
    """
    counter = ProgressCounter(sum(len(listing) for listing in listings.values()), progress)
    sets: dict[str, FullSizeSet] = {}
    found: list[str] = []
    for split in NAMES:
        decoded = () if split == "report" and len(sides) > 1 else sides
        sets[split], left_out = open_listing(listings[split], classes, cropping, decoded, cache, counter, split)
        found += left_out
    if held_out:
        found += _separate(sets)
    for split, images in sets.items():
        if not len(images):
            raise ImageError(f"image split {split}: expected images, found none that can be read; " + "; ".join(found))
    calibrate, search, report = (sets[split].squares(sides[0]) if squares else sets[split] for split in NAMES)
    return Splits(calibrate=calibrate, search=search, report=report, held_out=held_out, notes=(*notes, *found))


def open_listing(
    listing: Listing,
    classes: Sequence[str],
    cropping: Cropping,
    sides: Sequence[int],
    cache: Path,
    progress: Callable[[int], None],
    split: str = "",
) -> tuple[FullSizeSet, list[str]]:
    """The readable images of a listing, decoded for `sides`, and notes on the others and on orientation tags.

    Raises:
        ImageError: the cache cannot be written.
    """
    crops = CropCache(
        name=listing.source.root.name, source=listing.source, files=listing.files, cropping=cropping, cache=cache
    )
    crops.prepare(sides, progress)
    readable = np.ones(len(listing), dtype=np.bool_)
    readable[list(crops.unreadable)] = False
    rows = np.arange(len(listing))
    images = FullSizeSet(
        name=listing.name, crops=crops, rows=rows, labels=listing.labels, digests=crops.digests, classes=tuple(classes)
    ).keep(readable)
    return images, [*_unreadable_note(split, listing, crops.unreadable), *_turned_note(split, listing, crops.turned)]


def _separate(sets: dict[str, FullSizeSet]) -> list[str]:
    """Remove images of `report` from `search`, and images of either from `calibrate`; a note for each changed split."""
    notes = []
    for split, others in (("search", ("report",)), ("calibrate", ("search", "report"))):
        taken = np.concatenate([sets[other].digests for other in others])
        repeated = np.isin(sets[split].digests, taken)
        if repeated.any():
            notes.append(
                f"{repeated.sum():,} of {len(repeated):,} images of {split} are also in {' or '.join(others)} "
                "and were left out"
            )
            sets[split] = sets[split].keep(~repeated)
    return notes


def _unreadable_note(split: str, listing: Listing, unreadable: Mapping[int, str]) -> list[str]:
    if not unreadable:
        return []
    shown = ", ".join(f"{listing.files[row]}: {reason}" for row, reason in list(unreadable.items())[:_SHOWN])
    more = f", and {len(unreadable) - _SHOWN:,} more" if len(unreadable) > _SHOWN else ""
    return [
        f"{len(unreadable):,} of {len(listing):,} images of {split or listing.name} cannot be read and were left out "
        f"({shown}{more})"
    ]


def _turned_note(split: str, listing: Listing, turned: Sequence[int]) -> list[str]:
    if not turned:
        return []
    return [
        f"{len(turned):,} of {len(listing):,} images of {split or listing.name} have an orientation tag, as "
        f"photographs of a turned camera do ({listing.files[turned[0]]}); it is not applied, as in the published "
        "protocols: they are read as they are stored"
    ]


class ProgressCounter:
    """Adds up the finished images of several sets for one progress report."""

    def __init__(self, total: int, report: ProgressReport | None) -> None:
        self._total, self._report, self._done = total, report, 0

    def __call__(self, images: int) -> None:
        self._done += images
        if self._report:
            self._report(self._done, self._total)
