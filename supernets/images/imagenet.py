"""Finds the training and validation files of ImageNet (ILSVRC 2012) below a folder, and their classes.

Folders, archives and tables (`layouts.py`) give the same labels; a list beside a flat `val` folder gives its classes
(`val_labels.py`). A subset of the classes works too. Labels are indices into the classes of the weights: for released
weights the 1,000 wnids in sorted order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from supernets.images.decoding import ImageError
from supernets.images.folders import entries
from supernets.images.full_size import Listing
from supernets.images.layouts import TRAIN, VAL, LabelledFiles, SplitFiles, class_files, find_split
from supernets.images.sources import Folder
from supernets.images.val_labels import flat_classes

PROTOCOLS = ("held-out", "paper")


@dataclass(frozen=True)
class ImageNet:
    """The files of ImageNet that were found; `train` is None if there are no training images."""

    root: Path
    train: Listing | None
    val: Listing

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user on how the classes of both splits were found and what was left out."""
        return (*(self.train.notes if self.train else ()), *self.val.notes)

    def listings(self, protocol: str, sizes: Mapping[str, int], seed: int) -> tuple[dict[str, Listing], str]:
        """The three splits under one of `PROTOCOLS`, and a sentence on what their scores mean.

        `held-out` calibrates and searches on training images and reports on validation images. `paper` searches and
        reports on validation images.

        Raises:
            ImageError: `held-out` without training images.
        """
        if protocol == "paper":
            val = replace(self.val, name="ImageNet validation, by the paper's protocol")
            calibrate = replace(self.train or val, name=val.name).draw({"calibrate": sizes["calibrate"]}, seed)
            return {**calibrate, "search": val, "report": val}, (
                "The search sees the validation images that the report uses, as in the paper (--protocol paper): "
                "the report is on images that were used to choose, and so is optimistic for the winner."
            )
        if self.train is None:
            raise ImageError(self._without_train())
        drawn = self.train.draw({name: sizes[name] for name in ("calibrate", "search")}, seed)
        return {**drawn, "report": self.val}, (
            "The search sees training images only, which the weights were trained on, so search accuracies are "
            "optimistic. The report is on the official validation images."
        )

    def _without_train(self) -> str:
        by_class = isinstance(self.val.source, Folder) and "/" in self.val.files[0]
        cut = f", or --images {self.val.source.root} to cut validation into three disjoint splits"
        return (
            f"ImageNet folder {self.root}: expected train (the search sees training images) and val (the report is on "
            "validation images), found only val; add train, or use --protocol paper to search and report "
            f"on validation as the paper does{cut if by_class else ''}"
        )


def wnids() -> tuple[str, ...]:
    """The 1,000 class names (WordNet synsets) in the order of released weights; the list is timm's."""
    from timm.data.imagenet_info import ImageNetInfo

    return tuple(ImageNetInfo().label_names())  # type: ignore[no-untyped-call]


def find_imagenet(root: Path, classes: Sequence[str]) -> ImageNet:
    """The files of ImageNet below `root`, labelled with indices into `classes`.

    Raises:
        ImageError: there are no validation images, or their classes are unknown.
    """
    train, val = find_split(root, TRAIN), find_split(root, VAL)
    if val is None:
        there = ", ".join(entry.name for entry in entries(root)[:5]) if root.is_dir() else "no such folder"
        raise ImageError(
            f"ImageNet folder {root}: expected {root.name}/train/<wnid>/*.JPEG and {root.name}/val/<wnid>/*.JPEG, or "
            f"tar archives or Parquet tables with train and val in their names; found no val ({there or 'empty'})"
        )
    return ImageNet(
        root,
        None if train is None else _listing("ImageNet", train.images(wnids()), classes),
        _val_listing(root, val, classes),
    )


def class_listing(name: str, root: Path, classes: Sequence[str]) -> Listing:
    """The files of `root/<class>/*`, labelled with indices into `classes`.

    Raises:
        ImageError: there are no images, or a folder's name is not one of `classes`.
    """
    return _listing(name, class_files(root), classes)


def _val_listing(root: Path, val: SplitFiles, classes: Sequence[str]) -> Listing:
    labelled = val.images(wnids())
    (where, *others) = {folder for _, folder in labelled.files}
    if not others and where not in classes:
        file_of = {labelled.source.name(file): file for file, _ in labelled.files}
        wnid_of = flat_classes(root, val.folder, list(file_of), classes)
        labelled = replace(labelled, files=[(file, wnid_of[name]) for name, file in file_of.items()])
    return _listing("ImageNet", labelled, classes)


def _listing(name: str, labelled: LabelledFiles, classes: Sequence[str]) -> Listing:
    """The listing of files with their classes."""
    folders, root = sorted({folder for _, folder in labelled.files}), labelled.source.root
    index, notes = _class_indices(root, folders, classes)
    if len(folders) < len(classes):
        notes = (*notes, f"{len(folders):,} of {len(classes):,} classes have images in {root}")
    return Listing(
        name=name,
        source=labelled.source,
        files=tuple(file for file, _ in labelled.files),
        labels=np.array([index[folder] for _, folder in labelled.files], dtype=np.int64),
        notes=(*labelled.notes, *notes),
    )


def _class_indices(
    root: Path, folders: Sequence[str], classes: Sequence[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """The index of each folder's class, and a note if it was taken from a number.

    Names are compared, and as numbers where all names are numbers (`01` is `1`). Folders from 0 to the number of
    classes less one are taken for positions, which some tools write; other numbers are not guessed at.
    """
    known = {name: i for i, name in enumerate(classes)}
    unknown = [name for name in folders if name not in known]
    if not unknown:
        return {name: known[name] for name in folders}, ()
    if all(name.isdecimal() for name in folders):
        if all(name.isdecimal() for name in classes):
            by_value = {int(name): i for name, i in known.items()}
            unknown = [name for name in folders if int(name) not in by_value]
            if not unknown and len(by_value) == len(classes) and len(set(map(int, folders))) == len(folders):
                return {name: by_value[int(name)] for name in folders}, ()
        elif sorted(map(int, folders)) == list(range(len(classes))):
            note = f"folders 0 to {len(classes) - 1:,} of {root} are taken for the weights' classes in their order"
            return {name: int(name) for name in folders}, (f"{note}: 0 is {classes[0]}, 1 is {classes[1]}",)
    raise ImageError(
        f"image folder {root}: expected class folders named as the weights' {len(classes):,} classes are "
        f"({classes[0]}, {classes[1]}, ...), or numbered from 0 to {len(classes) - 1:,} in that order; got "
        f"{len(folders):,} folders, {len(unknown):,} of them with other names ({', '.join(unknown[:3])}); rename them"
    )
