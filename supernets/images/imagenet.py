"""ImageNet (ILSVRC 2012) as it lies on people's disks: which files are for training and validation, and their classes.

Known layouts, all below one folder: `train/<wnid>/*` and `val/<wnid>/*`; a flat `val/*.JPEG` with a list of its classes
(`truth.py`); the tree of the Kaggle archive (`ILSVRC/Data/CLS-LOC/...`). A folder with some of the classes works too.
Labels are indices into the 1,000 wnids in sorted order, which is what released weights were trained with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from supernets.images.decoding import ImageError
from supernets.images.folders import flatten, list_classes, list_images
from supernets.images.full_size import Listing
from supernets.images.truth import flat_classes

_BASES = (".", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC")
_TRAIN = ("train", "ILSVRC2012_img_train")
_VAL = ("val", "validation", "ILSVRC2012_img_val")


PROTOCOLS = ("held-out", "paper")


@dataclass(frozen=True)
class ImageNet:
    """The files of ImageNet that were found; `train` is None where there is no training folder."""

    root: Path
    train: Listing | None
    val: Listing

    def listings(self, protocol: str, sizes: Mapping[str, int], seed: int) -> tuple[dict[str, Listing], str]:
        """The three splits under one of `PROTOCOLS`, and a sentence on what its scores mean.

        `held-out` calibrates and searches on training images and reports on validation. `paper` searches and reports
        on validation.

        Raises:
            ImageError: `held-out` without training images.
        """
        if protocol == "paper":
            val = replace(self.val, name="ImageNet validation, by the paper's protocol")
            calibrate = replace(self.train or val, name=val.name).draw({"calibrate": sizes["calibrate"]}, seed)
            return {**calibrate, "search": val, "report": val}, (
                "The search sees the validation images that the report is on, as the paper's does (--protocol paper): "
                "the report is of images that were used to choose, and flatters the winner."
            )
        if self.train is None:
            raise ImageError(self._without_train())
        drawn = self.train.draw({name: sizes[name] for name in ("calibrate", "search")}, seed)
        return {**drawn, "report": self.val}, (
            "The search sees training images only, which the weights have learnt from: its accuracies run high. "
            "The report is on the official validation images."
        )

    def _without_train(self) -> str:
        cut = f", or --images {self.val.root} to cut validation into three disjoint splits"
        return (
            f"ImageNet folder {self.root}: expected train (the search sees training images) and val (the report is on "
            "validation images), found only val; add train, or say --protocol paper to search and report on "
            f"validation as the paper does{cut if '/' in self.val.files[0] else ''}"
        )


def wnids() -> tuple[str, ...]:
    """The 1,000 class names (WordNet synsets) in the order of released weights; the list is timm's."""
    from timm.data.imagenet_info import ImageNetInfo

    return tuple(ImageNetInfo().label_names())  # type: ignore[no-untyped-call]


def find_imagenet(root: Path, classes: Sequence[str]) -> ImageNet:
    """
    Raises:
        ImageError: no validation images, or their classes cannot be known; says what to do.
    """
    train, val = _subfolder(root, _TRAIN), _subfolder(root, _VAL)
    if val is None:
        there = ", ".join(sorted(entry.name for entry in root.iterdir())[:5]) if root.is_dir() else "no such folder"
        raise ImageError(
            f"ImageNet folder {root}: expected {root.name}/train/<wnid>/*.JPEG and {root.name}/val/<wnid>/*.JPEG, "
            f"found no val folder ({there or 'an empty folder'})"
        )
    if train is not None and not any(entry.is_dir() for entry in train.iterdir()):
        archives = len(list(train.glob("*.tar")))
        raise ImageError(
            f"ImageNet folder {train}: expected one sub-folder for each class, found "
            + (f"{archives} tar archives; unpack each into a folder of its name" if archives else "none")
        )
    return ImageNet(
        root,
        None if train is None else class_listing("ImageNet", train, classes),
        _val_listing(root, val, classes),
    )


def class_listing(name: str, root: Path, classes: Sequence[str]) -> Listing:
    """The files of `root/<class>/*`, labelled with indices into `classes`.

    Raises:
        ImageError: no images, or folders whose names do not say which of `classes` they are.
    """
    folders = list_classes(root)
    index = _class_indices(root, [folder for folder, images in folders.items() if images], classes)
    return _listing(name, root, ((path, index[folder]) for path, folder in flatten(folders)))


def _val_listing(root: Path, val: Path, classes: Sequence[str]) -> Listing:
    if any(entry.is_dir() for entry in val.iterdir()):
        return class_listing("ImageNet", val, classes)
    images = list_images(val)
    if not images:
        raise ImageError(f"ImageNet folder {val}: expected images or class folders, found an empty folder")
    wnid_of = flat_classes(root, val, images, classes)
    index = {wnid: i for i, wnid in enumerate(classes)}
    return _listing("ImageNet", val, ((image, index[wnid_of[image]]) for image in images))


def _class_indices(root: Path, folders: Sequence[str], classes: Sequence[str]) -> dict[str, int]:
    known = {name: i for i, name in enumerate(classes)}
    unknown = [name for name in folders if name not in known]
    if not unknown:
        return {name: known[name] for name in folders}
    if len(folders) == len(classes) and all(name.isdecimal() for name in folders):
        # As text, 10 would come before 2.
        return {name: i for i, name in enumerate(sorted(folders, key=int))}
    raise ImageError(
        f"image folder {root}: expected class folders named as the weights' {len(classes):,} classes are "
        f"({classes[0]}, {classes[1]}, ...), or numbered in that order; got {len(folders):,} folders, "
        f"{len(unknown):,} of them with other names ({', '.join(unknown[:3])})"
    )


def _listing(name: str, root: Path, labelled: Iterable[tuple[str, int]]) -> Listing:
    files, labels = zip(*labelled, strict=True)
    return Listing(name, root, files, np.array(labels, dtype=np.int64))


def _subfolder(root: Path, names: Sequence[str]) -> Path | None:
    candidates = (root / base / name for base in _BASES for name in names)
    return next((path for path in candidates if path.is_dir()), None)
