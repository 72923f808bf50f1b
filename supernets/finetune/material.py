"""What a fine-tuning learns from and what it is scored on: no image is in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from supernets.finetune.training_images import ListedPictures, Pictures, StoredPictures
from supernets.images.cropping import SQUARE, Cropping
from supernets.images.decoding import ImageError
from supernets.images.full_size import FullSizeSet, Listing, ProgressCounter, open_listing
from supernets.images.image_sets import Images, ImageSet, pixel_digests
from supernets.images.imagenet import class_listing, find_imagenet
from supernets.images.layouts import class_files
from supernets.images.preprocessing import Preprocessing

_HELD_OUT = 10_000
"""Maximum number of images that are held out for the report where classes are new: at most a fifth of all."""


@dataclass(frozen=True, kw_only=True)
class Material:
    pictures: Pictures
    """To learn from."""
    report: Images
    """To be scored on."""
    notes: tuple[str, ...]
    """Sentences for the user on what was left out."""


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How images are decoded for a network, and where decoded ones are kept."""

    preprocessing: Preprocessing
    side: int
    """Of the network's input, in pixels."""
    stored_side: int | None
    """Side of the squares that images are stored as; None where each input is cropped from the image file."""
    cache: Path

    @classmethod
    def like(cls, images: Images, preprocessing: Preprocessing, side: int, cache: Path) -> Decoding:
        """As the images of a run are decoded."""
        stored = images.side if isinstance(images, ImageSet) else None
        return cls(preprocessing=preprocessing, side=side, stored_side=stored, cache=cache)

    def open(self, listing: Listing, classes: Sequence[str]) -> tuple[ImageSet | FullSizeSet, tuple[str, ...]]:
        """The readable images of a listing, for scores, and sentences on the others."""
        counter = ProgressCounter(len(listing), None)
        if self.stored_side is None:
            cropping = Cropping(self.preprocessing.resampling, self.preprocessing.crop)
            images, notes = open_listing(listing, classes, cropping, [self.side], self.cache, counter)
            return images, (*listing.notes, *notes)
        images, notes = open_listing(listing, classes, SQUARE, [self.stored_side], self.cache, counter)
        return images.squares(self.stored_side), (*listing.notes, *notes)


def known_classes(folder: Path, report: Images, decoding: Decoding) -> Material:
    """All images of a folder, whose sub-folders are the classes of `report`, except those that `report` has, too.

    Raises:
        ImageError: the images cannot be used, or their classes are others.
    """
    listing = class_listing(folder.name, folder, report.classes)
    if decoding.stored_side is None:
        images, notes = decoding.open(listing, report.classes)
        assert isinstance(images, FullSizeSet)
        unknown = ~np.isin(images.digests, report.digests)
        return Material(
            pictures=ListedPictures(listing.take(images.rows[unknown])), report=report,
            notes=(*notes, *_repeated(int((~unknown).sum()), len(images))),
        )  # fmt: skip
    images, notes = decoding.open(listing, report.classes)
    assert isinstance(images, ImageSet)
    assert isinstance(report, ImageSet)
    unknown = ~np.isin(pixel_digests(images.pixels), pixel_digests(report.pixels))
    return Material(
        pictures=StoredPictures(images, np.flatnonzero(unknown)), report=report,
        notes=(*notes, *_repeated(int((~unknown).sum()), len(images))),
    )  # fmt: skip


def imagenet(root: Path, report: Images) -> Material:
    """ImageNet's training images.

    Raises:
        ImageError: they are missing.
    """
    found = find_imagenet(root, report.classes)
    if found.train is None:
        raise ImageError(f"ImageNet folder {root}: expected train, the images to learn from; found only val; add it")
    return Material(pictures=ListedPictures(found.train), report=report, notes=found.train.notes)


def own_classes(folder: Path, decoding: Decoding) -> Material:
    """The images of a folder with classes of its own, of which a fifth, balanced over classes, is for the report.

    Raises:
        ImageError: the images cannot be used.
    """
    classes = sorted({name for _, name in class_files(folder).files})
    listing = class_listing(folder.name, folder, classes)
    held_out = max(1, min(_HELD_OUT, len(listing) // 5))
    parts = listing.draw({"report": held_out, "train": len(listing) - held_out}, seed=0)
    report, notes = decoding.open(parts["report"], classes)
    learnt, more = decoding.open(parts["train"], classes)
    if isinstance(learnt, ImageSet):
        assert isinstance(report, ImageSet)
        unknown = ~np.isin(pixel_digests(learnt.pixels), pixel_digests(report.pixels))
        pictures: Pictures = StoredPictures(learnt, np.flatnonzero(unknown))
    else:
        unknown = ~np.isin(learnt.digests, report.digests)
        pictures = ListedPictures(parts["train"].take(learnt.rows[unknown]))
    return Material(
        pictures=pictures, report=report, notes=(*notes, *more, *_repeated(int((~unknown).sum()), len(learnt)))
    )


def _repeated(count: int, total: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"{count:,} of {total:,} training images are also among the images of the report and were left out",)
