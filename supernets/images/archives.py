"""Images in tar archives, read in place: one archive, one for each class, archives in an archive, webdataset shards.

Notable: a search reads a few of a million training images, so only the headers of an archive are read, once. A file's
name records the offset and size of its bytes: `train.tar/n01440764/n01440764_18.JPEG@1536+110245`. A webdataset shard
is a tar archive too; a `.cls` file of the same name holds the label of each image.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from supernets.images.decoding import ImageError, is_image
from supernets.images.numbered_labels import classes_by_number
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

    The class comes from the webdataset label if there is one, else from the name of the image's folder or archive. A
    label may be a class name; of a number the image's own name may say which class it is (`n01440764_18.JPEG`).

    Args:
        numbered: the class names by label number.

    Raises:
        ImageError: an archive is damaged or compressed, a label is not valid, or there are no images.
    """
    members = [member for path in archives for member in _labelled(path)]
    if not members:
        raise ImageError(f"archive {archives[0]}: expected images in it, found none")
    members = _with_names(archives[0], members, numbered)
    return [(member.file, member.folder) for member in sorted(members, key=lambda m: (m.folder, m.name.name))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A file in an archive: its path, the name of its folder or archive, and the offset and size of its bytes."""

    archive: str
    name: PurePosixPath
    folder: str
    offset: int
    size: int
    label: str | None = None
    """The webdataset label; None in an archive without such labels."""

    @property
    def file(self) -> str:
        return f"{self.archive}/{self.name}@{self.offset}+{self.size}"

    @property
    def key(self) -> tuple[PurePosixPath, str]:
        """The part of the name that the files of one webdataset sample share: all before the first full stop."""
        return self.name.parent, self.name.name.partition(".")[0]


def _labelled(path: Path) -> list[_Member]:
    images, labels = [], {}
    try:
        with tarfile.open(path, "r:") as archive:
            for member, label in _walk(archive, path.name, path.stem, 0):
                if label is None:
                    images.append(member)
                else:
                    labels[member.key] = label.decode(errors="replace").strip()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ImageError(
            f"archive {path}: expected a whole, uncompressed tar archive, got {type(error).__name__} ({error}); "
            "copy it again or unpack it"
        ) from error
    return [replace(member, label=labels.get(member.key, "")) for member in images] if labels else images


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


def _with_names(first: Path, members: Sequence[_Member], numbered: Sequence[str]) -> list[_Member]:
    """The members with the classes of their labels as folders."""
    strange = next((m for m in members if m.label is not None and not _is_label(m.label, numbered)), None)
    if strange:
        raise ImageError(
            f"archive {strange.archive}: expected a label from 0 to {len(numbered) - 1} (.cls) beside each image, got "
            f"{strange.label or 'none'!r} for {strange.name}"
        )
    classes = _named_by_images(members, numbered)
    labels = {int(m.label) for m in members if m.label and m.label.isdecimal()}
    if not labels <= set(classes):
        classes = classes_by_number(f"archive {first}", labels, numbered)
    return [
        m if m.label is None else replace(m, folder=classes[int(m.label)] if m.label.isdecimal() else m.label)
        for m in members
    ]


def _is_label(text: str, numbered: Sequence[str]) -> bool:
    return int(text) < len(numbered) if text.isdecimal() else text in numbered


def _named_by_images(members: Sequence[_Member], numbered: Sequence[str]) -> dict[int, str]:
    """The class of each numbered label, all of whose images have one class's name at the beginning of theirs."""
    known, names = set(numbered), dict[int, set[str]]()
    for member in members:
        if member.label and member.label.isdecimal():
            names.setdefault(int(member.label), set()).add(member.name.name.partition("_")[0])
    return {label: name for label, found in names.items() if len(found) == 1 and (name := next(iter(found))) in known}
