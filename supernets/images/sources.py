"""Where the bytes of image files come from; a file's name says where it lies below the source's root.

Knows no classes. Sources keep nothing open, so threads may share them.
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
            OSError: it cannot be read.
        """

    def stamp(self, file: str) -> str:
        """Changes when the file on disk that holds it is written anew.

        Raises:
            OSError: there is no such file.
        """
        stat = (self.root / self.container(file)).stat()
        return f"{stat.st_size}|{stat.st_mtime_ns}"

    def name(self, file: str) -> str:
        """The image's own name."""
        return PurePosixPath(file).name

    @abstractmethod
    def container(self, file: str) -> str:
        """The file on disk that holds it, below the root."""


class Folder(Source):
    """Each image a file of its own."""

    def read(self, file: str) -> bytes:
        return (self.root / file).read_bytes()

    def container(self, file: str) -> str:
        return file
