"""Folders and archives of images as sets of stored squares of one side, from which every input side is resized.

For supernets that are trained or scored at small sides. Images are decoded once and kept in the crop cache.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import tarfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from threading import Lock

import numpy as np

from common.files import write_text
from supernets.images.crop_cache import cannot_write
from supernets.images.cropping import SQUARE
from supernets.images.decoding import ImageError
from supernets.images.full_size import Listing, ProgressCounter, open_listing
from supernets.images.image_sets import ImageSet, ProgressReport
from supernets.images.layouts import LabelledFiles, class_files
from supernets.images.sources import Source


def load_folder(root: Path, side: int, cache: Path, progress: ProgressReport | None = None) -> ImageSet:
    """The readable images of `root/<class>/*`, each resized (shorter side, bicubic) and centre-cropped to `side`.

    Raises:
        ImageError: no such folder, no class folders, or no readable images.
    """
    return _load(root.name, class_files(root), side, cache, progress)


def load_archive(path: Path, side: int, cache: Path) -> dict[str, ImageSet]:
    """The sets of a compressed tar archive of `<set>/<class>/<image>`, by name.

    Raises:
        ImageError: the archive cannot be read.
    """
    source = _CompressedArchive(path)
    sets: dict[str, list[tuple[str, str]]] = {}
    for file in source.names(cache):
        sets.setdefault(PurePosixPath(file).parts[0], []).append((file, PurePosixPath(file).parts[1]))
    title = path.name.partition(".")[0]
    return {name: _load(title, LabelledFiles(source, files), side, cache, None) for name, files in sets.items()}


def _load(name: str, labelled: LabelledFiles, side: int, cache: Path, progress: ProgressReport | None) -> ImageSet:
    source, files = labelled.source, labelled.files
    classes = sorted({folder for _, folder in files})
    label = {folder: i for i, folder in enumerate(classes)}
    labels = np.array([label[folder] for _, folder in files], dtype=np.int64)
    listing = Listing(name=name, source=source, files=tuple(file for file, _ in files), labels=labels)
    counter = ProgressCounter(len(listing), progress)
    images, notes = open_listing(listing, classes, SQUARE, [side], cache, counter)
    if not len(images):
        raise ImageError(f"images in {source.root}: expected images, found none that can be read; {notes[0]}")
    pixels = images.squares(side).pixels
    return ImageSet.of(name, pixels, images.labels, classes, (*labelled.notes, *notes))


@dataclass(frozen=True)
class _CompressedArchive(Source):
    """Images in a compressed tar archive, which is unpacked into memory when an image has to be decoded."""

    _unpacking: Lock = field(default_factory=Lock, compare=False, repr=False)

    @cached_property
    def _fingerprint(self) -> str:
        return hashlib.sha256(self.root.read_bytes()).hexdigest()

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        try:
            with tarfile.open(self.root) as archive:
                return {
                    str(PurePosixPath(member.name)): stream.read()
                    for member in archive
                    if member.isfile() and (stream := archive.extractfile(member)) is not None
                }
        except (tarfile.TarError, lzma.LZMAError, OSError, EOFError) as error:
            raise ImageError(
                f"image archive {self.root}: expected a tar archive, got {error}; install the program again"
            ) from error

    def names(self, cache: Path) -> list[str]:
        """Names of all files, sorted; kept in `cache`, because unpacking takes a second."""
        kept = cache / f"images-{self.root.name.partition('.')[0]}-{self._fingerprint[:16]}.json"
        if not kept.exists():
            names = sorted(self._contents, key=PurePosixPath)
            try:
                cache.mkdir(parents=True, exist_ok=True)
                write_text(kept, json.dumps(names))
            except OSError as error:
                raise cannot_write(cache, error) from error
            return names
        return list(json.loads(kept.read_text(encoding="utf-8")))

    def read(self, file: str) -> bytes:
        with self._unpacking:
            return self._contents[file]

    def stamp(self, file: str) -> str:
        return self._fingerprint

    def container(self, file: str) -> str:
        return "."
