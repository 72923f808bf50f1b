"""Image sets: folders or archives, decoded once to memory-mapped squares of bytes, and their disjoint splits.

Notable: an `ImageSet` is the unit that a protocol names, so its `hash` covers pixels, labels, class names, side and
decoder version. `Splits` refuses sets that share an image, by content. Knows no network.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

from errors import UserError

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int64]
Opener = Callable[[], IO[bytes]]
ProgressReport = Callable[[int, int], None]

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
DECODER = f"pillow-{PIL.__version__}"
_CACHE_FORMAT = 1
"""Part of every cache's name: raise it when decoding changes, and old caches are left alone."""


class ImageError(UserError):
    """An image folder that cannot be used, or an image that cannot be read."""


@dataclass(frozen=True)
class ImageSet:
    """Labelled images.

    `pixels` is `(N, side, side, 3)` uint8, `labels` `(N,)` indices into `classes`, `digests` `(N,)` one 64-bit
    fingerprint of each image's pixels.
    """

    name: str
    pixels: Bytes
    labels: Indices
    digests: NDArray[np.uint64]
    classes: tuple[str, ...]
    hash: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def side(self) -> int:
        return int(self.pixels.shape[1])

    def subset(self, indices: Indices) -> ImageSet:
        """The images at `indices`, in that order, with a hash of their own."""
        digest = hashlib.sha256(self.hash.encode() + indices.astype("<i8").tobytes()).hexdigest()
        return ImageSet(
            self.name, self.pixels[indices], self.labels[indices], self.digests[indices], self.classes, digest
        )


@dataclass(frozen=True)
class Splits:
    """Three disjoint image sets: for batch-norm calibration, for scores a search may see, for the final report.

    Raises:
        ImageError: two of them share an image (compared by content), or they do not have the same classes.
    """

    calibrate: ImageSet
    search: ImageSet
    report: ImageSet

    def __post_init__(self) -> None:
        for (a, first), (b, second) in combinations(self.named(), 2):
            shared = np.intersect1d(first.digests, second.digests).size
            if shared:
                raise ImageError(
                    f"image splits {a} and {b}: expected no image in both, found {shared}; "
                    "an accuracy on images that were used to choose is not a report"
                )
            if first.classes != second.classes:
                raise ImageError(f"image splits {a} and {b}: expected the same class folders in both")

    def named(self) -> list[tuple[str, ImageSet]]:
        return [("calibrate", self.calibrate), ("search", self.search), ("report", self.report)]


def load_folder(root: Path, side: int, cache: Path, progress: ProgressReport | None = None) -> ImageSet:
    """The images of `root/<class>/*`, each resized (shorter side, bicubic) and centre-cropped to `side`.

    Decoded once: later calls with the same files map the cache.

    Raises:
        ImageError: no such folder, no class folders, no images, or an image that cannot be read.
    """
    files, classes = _list_folder(root)
    fingerprint = hashlib.sha256()
    for path, label in files:
        stat = path.stat()
        fingerprint.update(f"{path.relative_to(root)}|{label}|{stat.st_size}|{stat.st_mtime_ns}|".encode())
    entries = [(str(path), label, _opener(path)) for path, label in files]
    return _cached(root.name, entries, classes, side, cache, fingerprint.hexdigest(), progress)


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


def split(images: ImageSet, sizes: Mapping[str, int], seed: int) -> Splits:
    """Cut one set into `calibrate`, `search` and `report`, class-balanced, drawn by `seed`, without repeated images.

    Raises:
        ImageError: the set has fewer images than the sizes ask for.
    """
    _, first = np.unique(images.digests, return_index=True)
    order = _balanced_order(images.labels, first, len(images.classes), np.random.default_rng(seed))
    wanted = sum(sizes[name] for name in ("calibrate", "search", "report"))
    if len(order) < wanted:
        raise ImageError(
            f"image set {images.name}: expected at least {wanted} class-balanced images ("
            + ", ".join(f"{name} {sizes[name]}" for name in ("calibrate", "search", "report"))
            + f"), got {len(order)} of {len(images)} after balancing; add images"
        )
    parts, start = {}, 0
    for name in ("calibrate", "search", "report"):
        parts[name] = images.subset(order[start : start + sizes[name]])
        start += sizes[name]
    return Splits(**parts)


def decode(stream: IO[bytes], name: str, side: int) -> Bytes:
    """One image as `(side, side, 3)` bytes: RGB, shorter side resized (bicubic), centre crop.

    Raises:
        ImageError: the file is truncated, corrupt or not an image.
    """
    try:
        with Image.open(stream) as opened:
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError(
            f"image {name}: expected a readable image, got {type(error).__name__} ({error}); remove or replace the file"
        ) from error
    if image.size != (side, side):
        scale = side / min(image.size)
        width, height = (max(side, round(length * scale)) for length in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
        left, top = (width - side) // 2, (height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    return np.asarray(image)


def _opener(source: Path | bytes) -> Opener:
    return (lambda: io.BytesIO(source)) if isinstance(source, bytes) else (lambda: source.open("rb"))


def _list_folder(root: Path) -> tuple[list[tuple[Path, int]], list[str]]:
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise ImageError(f"image folder {root}: expected a folder, found {found} there")
    classes = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    if not classes:
        loose = sum(1 for entry in root.iterdir() if entry.suffix.lower() in EXTENSIONS)
        found = f"{loose} images and no class folders" if loose else "an empty folder"
        raise ImageError(
            f"image folder {root}: expected one sub-folder for each class ({root.name}/<class>/*.jpg), found {found}; "
            "sort the images into folders named after their classes"
        )
    files = [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((root / name).iterdir())
        if path.suffix.lower() in EXTENSIONS
    ]
    if not files:
        raise ImageError(
            f"image folder {root}: expected images in its {len(classes)} class folders, found none "
            f"(looked for {', '.join(EXTENSIONS)})"
        )
    return files, classes


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
        with entry[2]() as stream:
            return decode(stream, entry[0], side)

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


def _balanced_order(labels: Indices, candidates: Indices, classes: int, rng: np.random.Generator) -> Indices:
    """`candidates` in rounds of one image of each class, shuffled within a round: balanced wherever it is cut."""
    shuffled = [rng.permutation(candidates[labels[candidates] == c]) for c in range(classes)]
    rounds = min(len(indices) for indices in shuffled)
    order = [rng.permutation([indices[i] for indices in shuffled]) for i in range(rounds)]
    return np.concatenate(order).astype(np.int64) if order else np.empty(0, dtype=np.int64)


def iterate_batches(count: int, batch: int) -> Iterator[slice]:
    """Slices that cover `count` images, `batch` at a time."""
    return (slice(start, min(start + batch, count)) for start in range(0, count, batch))
