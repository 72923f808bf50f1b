"""Crops of a list of image files, one uint8 file for each side, made once and memory-mapped.

Notable: threads work on chunks of images, because Pillow decodes and resizes outside the interpreter's lock. Each file
is read and decoded once for all requested sides. Each finished chunk is logged with its checksum, so that a process
that was killed continues where it stopped, and a chunk that was damaged on disk is made again. A file that cannot be
read keeps its row, filled with zeros, and is named in `unreadable`.

    images-<name>-<key>/            key: the files' names, sizes and times, and Pillow's version
        files.jsonl                 one line a chunk: fingerprints, files that cannot be read or have orientation tags
        224-bilinear-0.875/         one folder for each side and rule
            pixels.u8               (files, 224, 224, 3)
            chunks.jsonl            one line a chunk: checksum
            manifest.json           a description for people, written when all is done

Two processes that fill one cache write the same bytes to the same places.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supernets.images.chunk_log import ChunkLog, Record
from supernets.images.cropping import Cropping
from supernets.images.decoding import DECODER, Bytes, ImageError, UnreadableImage, is_turned, read_rgb
from supernets.images.sources import Source

CHUNK = 64
"""Images in a chunk: at five sides about 36 MB in memory, times twice the number of threads."""
_FORMAT = 2
"""Changes with the decoding of any image, so that older crops are not used."""

_Decoded = tuple[Record, list[Bytes]]
"""The index entry of a chunk, and its crops for each requested side."""


class CropCache:
    """The crops of `files` of one source, in their order."""

    def __init__(self, *, name: str, source: Source, files: Sequence[str], cropping: Cropping, cache: Path) -> None:
        self._source, self._files, self._cropping = source, files, cropping
        self._folder = cache / f"images-{_slug(name)}-{_key(source, files)}"
        self._maps: dict[int, Bytes] = {}
        self._index: ChunkLog | None = None

    @property
    def chunks(self) -> int:
        return -(-len(self._files) // CHUNK)

    @property
    def digests(self) -> NDArray[np.uint64]:
        """A fingerprint of each file's content, `(N,)`; 0 for a file that cannot be opened."""
        return np.array([int(d, 16) for c in range(self.chunks) for d in self._record(c)["digests"]], dtype=np.uint64)

    @property
    def unreadable(self) -> dict[int, str]:
        """Row and reason for each file without a complete image."""
        found = (self._record(c)["unreadable"] for c in range(self.chunks))
        return {c * CHUNK + int(i): reason for c, rows in enumerate(found) for i, reason in rows.items()}

    @property
    def turned(self) -> list[int]:
        """Rows of the files whose orientation tag would turn them; it is not applied."""
        return [c * CHUNK + i for c in range(self.chunks) for i in self._record(c).get("turned", ())]

    def pixels(self, side: int) -> Bytes:
        """The crops of one side as a read-only map, `(N, side, side, 3)`; made now if they are missing."""
        if side not in self._maps:
            self.prepare((side,))
        return self._maps[side]

    def prepare(self, sides: Sequence[int], progress: Callable[[int], None] = lambda images: None) -> None:
        """Read every file that was not read before, and make sure that the crops of all `sides` exist and are intact.

        Args:
            progress: called with the number of further images that are done.

        Raises:
            ImageError: the cache cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._index = self._index or ChunkLog(self._folder / "files.jsonl")
            self._fill([s for s in sides if s not in self._maps], progress)
        except OSError as error:
            raise cannot_write(self._folder.parent, error) from error

    def _fill(self, sides: Sequence[int], progress: Callable[[int], None]) -> None:
        assert self._index is not None
        planes = [
            _SideFile(parent=self._folder, side=side, cropping=self._cropping, images=len(self._files))
            for side in sides
        ]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            intact = [dict(enumerate(pool.map(plane.intact, range(self.chunks)))) for plane in planes]
            missing = {
                c: [plane for plane, good in zip(planes, intact, strict=True) if not good[c]]
                for c in range(self.chunks)
            }
            todo = [c for c in range(self.chunks) if missing[c] or c not in self._index.records]
            _require_space(self._folder, sum(plane.chunk_bytes for c in todo for plane in missing[c]))
            progress(sum(len(self._rows(c)) for c in set(range(self.chunks)) - set(todo)))
            jobs = (partial(self._decode, c, missing[c]) for c in todo)
            for c, (record, crops) in zip(todo, _in_order(pool, jobs), strict=True):
                for plane, pixels in zip(missing[c], crops, strict=True):
                    plane.write(c, pixels)
                self._log_or_compare(c, record)
                progress(len(self._rows(c)))
        for plane in planes:
            self._maps[plane.side] = plane.finish(self.unreadable, self._files)

    def _log_or_compare(self, chunk: int, record: Record) -> None:
        """Log the content of a chunk's files, or compare it with the existing log entry."""
        assert self._index is not None
        if chunk not in self._index.records:
            self._index.add(chunk, record)
        elif _content(self._index.records[chunk]) != _content(record):
            raise ImageError(
                f"images in {self._source.root}: expected the same files throughout the run, but some of "
                f"{self._files[self._rows(chunk)[0]]} ... {self._files[self._rows(chunk)[-1]]} have changed; "
                "restore them, or start a new run"
            )

    def _rows(self, chunk: int) -> range:
        return range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(self._files)))

    def _record(self, chunk: int) -> Record:
        assert self._index is not None, "prepare was not called"
        return self._index.records[chunk]

    def _decode(self, chunk: int, planes: Sequence[_SideFile]) -> _Decoded:
        rows = self._rows(chunk)
        crops = [np.zeros((len(rows), plane.side, plane.side, 3), dtype=np.uint8) for plane in planes]
        digests, unreadable, turned = [], {}, []
        for i, row in enumerate(rows):
            try:
                content = self._source.read(self._files[row])
                digests.append(hashlib.blake2b(content, digest_size=8).hexdigest())
                image = read_rgb(io.BytesIO(content))
            except OSError as error:
                digests.append("0")
                unreadable[str(i)] = error.strerror or str(error)
            except UnreadableImage as error:
                unreadable[str(i)] = str(error)
            else:
                turned += [i] if is_turned(image) else []
                for plane, pixels in zip(planes, crops, strict=True):
                    pixels[i] = self._cropping(image, plane.side)
        return {"digests": digests, "unreadable": unreadable, "turned": turned}, crops


@dataclass(kw_only=True)
class _SideFile:
    """The file with the crops of one side."""

    parent: Path
    side: int
    cropping: Cropping
    images: int
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        rule = self.cropping.resampling.replace(" ", "-")
        self.folder = self.parent / f"{self.side}-{rule}-{self.cropping.crop:g}"
        self.folder.mkdir(exist_ok=True)
        self._pixels = self.folder / "pixels.u8"
        self._pixels.touch()
        self._done = ChunkLog(self.folder / "chunks.jsonl")

    @property
    def chunk_bytes(self) -> int:
        return CHUNK * self.side * self.side * 3

    def intact(self, chunk: int) -> bool:
        """Whether the chunk was written and has not changed since."""
        record = self._done.records.get(chunk)
        if record is None:
            return False
        with self._pixels.open("rb") as stream:
            stream.seek(chunk * self.chunk_bytes)
            return _checksum(stream.read(record["bytes"])) == str(record["checksum"])

    def write(self, chunk: int, pixels: Bytes) -> None:
        content = pixels.tobytes()
        with self._pixels.open("r+b") as stream:
            stream.seek(chunk * self.chunk_bytes)
            stream.write(content)
        self._done.add(chunk, {"checksum": _checksum(content), "bytes": len(content)})

    def finish(self, unreadable: dict[int, str], files: Sequence[str]) -> Bytes:
        """Map all crops, and write a manifest beside them."""
        checksums = "".join(self._done.records[c]["checksum"] for c in sorted(self._done.records))
        manifest = {
            "format": _FORMAT,
            "decoder": DECODER,
            "resampling": self.cropping.resampling,
            "crop": self.cropping.crop,
            "side": self.side,
            "images": self.images,
            "unreadable": {files[row]: reason for row, reason in unreadable.items()},
            "content": _checksum(checksums.encode()),
        }
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        return np.memmap(self._pixels, np.uint8, "r", shape=(self.images, self.side, self.side, 3))


def _in_order(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], _Decoded]]) -> Iterator[_Decoded]:
    """The results of the jobs in order; few enough jobs are started ahead that their results fit in memory."""
    ahead: deque[Future[_Decoded]] = deque()
    for job in jobs:
        ahead.append(pool.submit(job))
        if len(ahead) > 2 * (os.cpu_count() or 1):
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _key(source: Source, files: Sequence[str]) -> str:
    """A key that changes with the files' names, sizes and times, and with the decoder."""
    digest = hashlib.sha256(f"{_FORMAT}|{CHUNK}|{DECODER}|".encode())
    for name in files:
        try:
            text = f"{name}|{source.stamp(name)}|"
        except OSError:
            text = f"{name}|absent|"
        digest.update(text.encode(errors="surrogateescape"))  # Linux allows names in no encoding.
    return digest.hexdigest()[:16]


def _content(record: Record) -> tuple[list[str], set[str]]:
    """What is the same whenever unchanged files are read; an error's text may differ."""
    return record["digests"], set(record["unreadable"])


def _slug(name: str) -> str:
    """The name in characters that are valid in a folder's name on every system."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _checksum(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ImageError(
            f"image cache {folder.parent}: expected {needed / 1e6:,.0f} MB of free space for the decoded images, found "
            f"{free / 1e6:,.0f} MB; free some space or set XDG_CACHE_HOME"
        )


def cannot_write(cache: Path, error: OSError) -> ImageError:
    return ImageError(f"image cache {cache}: cannot be written ({error}); free some space or set XDG_CACHE_HOME")
