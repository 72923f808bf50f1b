"""Lists the images of a folder, `<class>/<image>`, in sorted order. Opens no image.

One rule for every command: classes are the folders that hold images, except those that belong to a system (`.git`,
`@eaDir`); whatever else lies in them is counted in a note, never dropped without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from supernets.images.decoding import EXTENSIONS, ImageError, is_image

_SYSTEM_FOLDERS = ("@eaDir", "__MACOSX", "lost+found", "System Volume Information", "$RECYCLE.BIN")
_SYSTEM_FILES = ("Thumbs.db", "desktop.ini")
_SHOWN = 3
"""Maximum number of names in one part of a note."""


@dataclass(frozen=True)
class ClassFolders:
    """The images of a folder by class, and what else it holds."""

    images: Mapping[str, list[str]]
    """Names of the images of each class, both sorted; every class has images."""
    notes: tuple[str, ...] = ()
    """A sentence for the user on what is left out, if anything is."""

    @property
    def files(self) -> list[tuple[str, str]]:
        """Path below the root and class of every image."""
        return [(f"{name}/{image}", name) for name, names in self.images.items() for image in names]


def list_classes(root: Path) -> ClassFolders:
    """The class folders of `root`.

    Raises:
        ImageError: the folder is missing or cannot be read, or has no class folders or no images in them.
    """
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise ImageError(f"image folder {root}: expected a folder, found {found} there")
    inside = entries(root)
    folders = [entry.name for entry in inside if entry.is_dir() and not _of_system(entry.name)]
    loose = sum(is_image(entry.name) for entry in inside)
    if not folders:
        found = f"{loose} images and no class folders" if loose else "an empty folder"
        raise ImageError(
            f"image folder {root}: expected one sub-folder for each class ({root.name}/<class>/*.jpg), found {found}; "
            "sort the images into folders named after their classes"
        )
    unused = _Unused(root, loose)
    images = {name: unused.without(name, entries(root / name)) for name in folders}
    if not any(images.values()):
        raise ImageError(
            f"image folder {root}: expected images in its {len(folders)} class folders, found none "
            f"(looked for {', '.join(EXTENSIONS)}); {'; '.join(unused.notes) or 'add images'}"
        )
    return ClassFolders({name: names for name, names in images.items() if names}, unused.notes)


def list_images(folder: Path) -> list[str]:
    """Names of the images directly in `folder`, sorted.

    Raises:
        ImageError: the folder cannot be read.
    """
    return [entry.name for entry in entries(folder) if is_image(entry.name)]


def entries(folder: Path) -> list[Path]:
    """Everything in `folder`, sorted.

    Raises:
        ImageError: the folder cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise ImageError(
            f"image folder {folder}: cannot be read ({error.strerror}); fix its permissions or choose another folder"
        ) from error


class _Unused:
    """Counts what lies in class folders and is not used."""

    def __init__(self, root: Path, loose: int) -> None:
        self._root, self._loose = root, loose
        self._kinds: Counter[str] = Counter()
        self._deeper: Counter[str] = Counter()
        self._empty: list[str] = []

    def without(self, name: str, inside: list[Path]) -> list[str]:
        """The images among the entries of a class folder; the others are counted."""
        images = [entry.name for entry in inside if is_image(entry.name)]
        for entry in inside if len(images) < len(inside) else ():
            if is_image(entry.name) or _of_system(entry.name):
                continue
            if entry.is_dir():
                self._deeper[f"{name}/{entry.name}"] += sum(is_image(path.name) for path in _walk(entry))
            else:
                self._kinds[PurePath(entry.name).suffix.lower() or "no suffix"] += 1
        if not images:
            self._empty.append(name)
        return images

    @property
    def notes(self) -> tuple[str, ...]:
        deeper = +self._deeper
        parts = []
        if self._loose:
            parts.append(f"{_count(self._loose, 'image')} beside the class folders")
        if deeper:
            parts.append(f"{_count(deeper.total(), 'image')} one folder deeper or more ({_some(list(deeper))})")
        if self._kinds:
            kinds = ", ".join(f"{kind}: {n:,}" for kind, n in self._kinds.most_common(2 * _SHOWN))
            parts.append(f"{_count(self._kinds.total(), 'file')} of other kinds ({kinds})")
        if self._empty:
            parts.append(f"{_count(len(self._empty), 'class folder')} without images ({_some(self._empty)})")
        return (f"not used of {self._root}: {'; '.join(parts)}",) if parts else ()


def _of_system(name: str) -> bool:
    return name.startswith(".") or name in _SYSTEM_FOLDERS or name in _SYSTEM_FILES


def _walk(folder: Path) -> Iterator[Path]:
    for entry in entries(folder):
        if not _of_system(entry.name):
            yield from _walk(entry) if entry.is_dir() and not entry.is_symlink() else (entry,)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
