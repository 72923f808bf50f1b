"""Images in tar archives, read in place: one archive, one for each class, archives in an archive, webdataset shards.

Notable: a search reads a few of a million training images, so only the headers of an archive are read, once. A file's
name records the offset and size of its bytes: `train.tar/n01440764/n01440764_18.JPEG@1536+110245`. A webdataset shard
is a tar archive too; a `.cls` file of the same name holds the label of each image.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from supernets.images.decoding import ImageError, is_image
from supernets.images.sources import Source


class Archives(Source):
    """Images in uncompressed tar archives in the folder `root`."""

    def read(self, file: str) -> bytes:
        offset, size = map(int, file.rpartition("@")[2].split("+"))
        with (self.root / self.container(file)).open("rb") as stream:
            stream.seek(offset)
            return stream.read(size)

    def name(self, file: str) -> str:
        return super().name(file.rpartition("@")[0])

    def container(self, file: str) -> str:
        return file.partition("/")[0]


def list_archives(archives: Sequence[Path], numbered: Sequence[str]) -> list[tuple[str, str]]:
    """The name for `Archives` and the class of every image, sorted by class and name.

    The class comes from the webdataset label if there is one, else from the name of the image's folder or archive.

    Args:
        numbered: the class names by label number.

    Raises:
        ImageError: an archive is damaged or compressed, a label is not valid, or there are no images.
    """
    members = [member for path in archives for member in _labelled(path, numbered)]
    if not members:
        raise ImageError(f"archive {archives[0]}: expected images in it, found none")
    return [(member.file, member.folder) for member in sorted(members, key=lambda m: (m.folder, m.name.name))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A file in an archive: its path, the name of its folder or archive, and the offset and size of its bytes."""

    archive: str
    name: PurePosixPath
    folder: str
    offset: int
    size: int

    @property
    def file(self) -> str:
        return f"{self.archive}/{self.name}@{self.offset}+{self.size}"

    @property
    def key(self) -> tuple[PurePosixPath, str]:
        """The part of the name that the files of one webdataset sample share: all before the first full stop."""
        return self.name.parent, self.name.name.partition(".")[0]


def _labelled(path: Path, numbered: Sequence[str]) -> list[_Member]:
    images, labels = [], {}
    try:
        with tarfile.open(path, "r:") as archive:
            for member, label in _walk(archive, path.name, path.stem, 0):
                if label is None:
                    images.append(member)
                else:
                    labels[member.key] = label
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ImageError(
            f"archive {path}: expected a whole, uncompressed tar archive, got {type(error).__name__} ({error}); "
            "copy it again or unpack it"
        ) from error
    if not labels:
        return images
    return [_with_label(member, labels.get(member.key, b""), numbered) for member in images]


def _walk(archive: tarfile.TarFile, outer: str, folder: str, start: int) -> Iterator[tuple[_Member, bytes | None]]:
    """Image files with None, and label files with their content.

    Args:
        start: offset of this archive in the outermost one.
    """
    for info in archive:
        name = PurePosixPath(info.name)
        member = _Member(
            archive=outer, name=name, folder=name.parent.name or folder, offset=start + info.offset_data, size=info.size
        )
        if not info.isreg():
            continue
        if name.suffix == ".tar":
            with tarfile.open(fileobj=archive.extractfile(info), mode="r:") as inner:
                yield from _walk(inner, outer, name.stem, member.offset)
        elif name.suffix == ".cls":
            stream = archive.extractfile(info)
            yield member, stream.read() if stream else b""
        elif is_image(name.name):
            yield member, None


def _with_label(member: _Member, label: bytes, numbered: Sequence[str]) -> _Member:
    text = label.decode(errors="replace").strip()
    if not text.isdecimal() or int(text) >= len(numbered):
        raise ImageError(
            f"archive {member.archive}: expected a label from 0 to {len(numbered) - 1} (.cls) beside each image, got "
            f"{text or 'none'!r} for {member.name}"
        )
    return _Member(
        archive=member.archive, name=member.name, folder=numbered[int(text)], offset=member.offset, size=member.size
    )
