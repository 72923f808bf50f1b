"""Finds the files of ImageNet's two splits below a folder, whichever way they are packed. Opens no image.

Known layouts: class folders or loose images in `train` and `val`; tar archives and Parquet tables in them, or beside
each other with the split in their names (`ILSVRC2012_img_train.tar`, `imagenet1k-validation-03.tar`,
`data/train-00000-of-00294.parquet`); the tree of the Kaggle archive (`ILSVRC/Data/CLS-LOC/...`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supernets.images.archives import Archives, list_archives
from supernets.images.folders import entries, list_classes, list_images
from supernets.images.parquet_tables import Tables, list_tables
from supernets.images.sources import Folder, Source

TRAIN = ("train", "ILSVRC2012_img_train")
VAL = ("val", "validation", "ILSVRC2012_img_val")

_BASES = (".", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC")
_PACKED_BASES = (".", "data")


@dataclass(frozen=True)
class LabelledFiles:
    """Image files of a source, each with the name of its class, and sentences for the user on what was left out."""

    source: Source
    files: list[tuple[str, str]]
    notes: tuple[str, ...] = ()


def class_files(root: Path) -> LabelledFiles:
    """The images of `root/<class>/*`.

    Raises:
        ImageError: there are no images, or they cannot be listed.
    """
    listed = list_classes(root)
    return LabelledFiles(Folder(root), listed.files, listed.notes)


@dataclass(frozen=True)
class SplitFiles:
    """The images of one split: those of `folder`, or of archives or tables in it."""

    folder: Path
    archives: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()

    @classmethod
    def of(cls, folder: Path, files: Sequence[Path]) -> SplitFiles:
        suffixed = {suffix: tuple(file for file in files if file.suffix == suffix) for suffix in (".tar", ".parquet")}
        return cls(folder, suffixed[".tar"], suffixed[".parquet"])

    def images(self, numbered: Sequence[str]) -> LabelledFiles:
        """The images with their classes; a loose image has its folder's name for a class.

        Args:
            numbered: the class names by label number.

        Raises:
            ImageError: there are no images, or they cannot be listed.
        """
        if self.archives:
            return LabelledFiles(Archives(self.folder), list_archives(self.archives, numbered))
        if self.tables:
            return LabelledFiles(Tables(self.folder), list_tables(self.tables, numbered))
        loose = [] if any(entry.is_dir() for entry in entries(self.folder)) else list_images(self.folder)
        if loose:
            return LabelledFiles(Folder(self.folder), [(image, self.folder.name) for image in loose])
        return class_files(self.folder)


def find_split(root: Path, names: Sequence[str]) -> SplitFiles | None:
    """The split with one of `names`: a folder of that name, else archives or tables with it in their names.

    Raises:
        ImageError: the folder cannot be read.
    """
    folders = (root / base / name for base in _BASES for name in names)
    folder = next((path for path in folders if path.is_dir()), None)
    if folder is not None:
        return SplitFiles.of(folder, entries(folder))
    for base in (root / base for base in _PACKED_BASES if (root / base).is_dir()):
        found = SplitFiles.of(base, [path for path in entries(base) if _words(path) & set(names)])
        if found.archives or found.tables:
            return found
    return None


def _words(path: Path) -> set[str]:
    return set(re.split(r"[-_.]", path.stem))
