"""Sources of image files; a file's name is its place below the source's root.

Knows no classes. Sources keep no files open, so threads may share them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Source(ABC):
    """Image files below `root`."""

    root: Path

    @abstractmethod
    def read(self, file: str) -> bytes:
        """The content of one image file.

        Raises:
            OSError: the file cannot be read.
        """

    def stamp(self, file: str) -> str:
        """Size and time of the file on disk that holds the image.

        Raises:
            OSError: there is no such file.
        """
        stat = (self.root / self.container(file)).stat()
        return f"{stat.st_size}|{stat.st_mtime_ns}"

    def name(self, file: str) -> str:
        """The image's own name, without folders."""
        return PurePosixPath(file).name

    @abstractmethod
    def container(self, file: str) -> str:
        """The file on disk that holds the image, below the root."""


class Folder(Source):
    """Images that are files of their own."""

    def read(self, file: str) -> bytes:
        return (self.root / file).read_bytes()

    def container(self, file: str) -> str:
        return file
