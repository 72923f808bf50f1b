"""Folders and archives of images, decoded once to memory-mapped squares of one side.

For supernets that are trained or scored at small sides: every input side is resized from the same stored square.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from supernets.images.cropping import SQUARE
from supernets.images.decoding import DECODER, Bytes, ImageError, Unreadable, read_rgb
from supernets.images.folders import flatten, list_classes
from supernets.images.image_sets import ImageSet

Opener = Callable[[], IO[bytes]]
ProgressReport = Callable[[int, int], None]
"""Takes the images that are done and all that are to be done."""

_CACHE_FORMAT = 2
"""Part of every cache's name: raise it when decoding changes, and old caches are left alone."""


def load_folder(root: Path, side: int, cache: Path, progress: ProgressReport | None = None) -> ImageSet:
    """The images of `root/<class>/*`, each resized (shorter side, bicubic) and centre-cropped to `side`.

    Decoded once: later calls with the same files map the cache.

    Raises:
        ImageError: no such folder, no class folders, no images, or an image that cannot be read.
    """
    images = list_classes(root)
    labels = {name: label for label, name in enumerate(images)}
    fingerprint = hashlib.sha256()
    entries = []
    for relative, name in flatten(images):
        path = root / relative
        stat = path.stat()
        fingerprint.update(f"{path.relative_to(root)}|{labels[name]}|{stat.st_size}|{stat.st_mtime_ns}|".encode())
        entries.append((str(path), labels[name], _opener(path)))
    return _cached(root.name, entries, list(labels), side, cache, fingerprint.hexdigest(), progress)


def load_archive(path: Path, side: int, cache: Path) -> dict[str, ImageSet]:
    """The sets of a tar archive of `<set>/<class>/<image>`, by name; decoded once, as `load_folder` does.

    Raises:
        ImageError: the archive or an image in it cannot be read.
    """
    fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        with tarfile.open(path) as archive:
            contents = {
                PurePosixPath(member.name): stream.read()
                for member in archive
                if member.isfile() and (stream := archive.extractfile(member)) is not None
            }
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ImageError(
            f"image archive {path}: expected a tar archive, got {error}; install the program anew"
        ) from error
    sets = {}
    for name in sorted({entry.parts[0] for entry in contents}):
        members = sorted(entry for entry in contents if entry.parts[0] == name)
        classes = sorted({entry.parts[1] for entry in members})
        entries = [(str(m), classes.index(m.parts[1]), _opener(contents[m])) for m in members]
        sets[name] = _cached(path.name.partition(".")[0], entries, classes, side, cache, fingerprint + name, None)
    return sets


def _opener(source: Path | bytes) -> Opener:
    return (lambda: io.BytesIO(source)) if isinstance(source, bytes) else (lambda: source.open("rb"))


def _cached(
    name: str,
    entries: Sequence[tuple[str, int, Opener]],
    classes: Sequence[str],
    side: int,
    cache: Path,
    fingerprint: str,
    progress: ProgressReport | None,
) -> ImageSet:
    key = hashlib.sha256(f"{_CACHE_FORMAT}|{DECODER}|{side}|{fingerprint}".encode()).hexdigest()[:16]
    store = cache / f"images-{name}-{key}"
    if not store.exists():
        _fill_cache(store, entries, classes, side, progress)
    pixels = np.load(store / "pixels.npy", mmap_mode="r")
    labels, digests = np.load(store / "labels.npy"), np.load(store / "digests.npy")
    return ImageSet(name, pixels, labels, digests, tuple(classes), (store / "hash.txt").read_text())


def _fill_cache(
    store: Path,
    entries: Sequence[tuple[str, int, Opener]],
    classes: Sequence[str],
    side: int,
    progress: ProgressReport | None,
) -> None:
    """Decode into a temporary folder beside `store` and rename it: a cache is whole or absent."""
    work = store.with_name(f"{store.name}.{os.getpid()}.tmp")
    try:
        work.mkdir(parents=True, exist_ok=True)
        _decode_into(work, entries, classes, side, progress)
        work.rename(store)
    except OSError as error:
        # Another process may have finished the same cache first; its content is the same by construction.
        if not store.exists():
            raise ImageError(
                f"image cache {store.parent}: cannot be written ({error}); free some space or set XDG_CACHE_HOME"
            ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _decode_into(
    work: Path,
    entries: Sequence[tuple[str, int, Opener]],
    classes: Sequence[str],
    side: int,
    progress: ProgressReport | None,
) -> None:
    def read(entry: tuple[str, int, Opener]) -> Bytes:
        try:
            with entry[2]() as stream:
                return SQUARE(read_rgb(stream), side)
        except Unreadable as error:
            raise ImageError(
                f"image {entry[0]}: expected a readable image, got {error}; remove or replace the file"
            ) from error

    shape = (len(entries), side, side, 3)
    pixels = np.lib.format.open_memmap(work / "pixels.npy", mode="w+", dtype=np.uint8, shape=shape)
    digests = np.empty(len(entries), dtype=np.uint64)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, image in enumerate(pool.map(read, entries)):
            pixels[i] = image
            digests[i] = int.from_bytes(hashlib.blake2b(image.tobytes(), digest_size=8).digest(), "little")
            if progress:
                progress(i + 1, len(entries))
    pixels.flush()
    labels = np.array([label for _, label, _ in entries], dtype=np.int64)
    np.save(work / "labels.npy", labels)
    np.save(work / "digests.npy", digests)
    header = json.dumps([DECODER, side, list(classes)]).encode()
    content = hashlib.sha256(header + labels.astype("<i8").tobytes() + digests.astype("<u8").tobytes())
    (work / "hash.txt").write_text(content.hexdigest())
