"""A partial download, and the record beside it of the file that it is a part of. Knows no network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from common.files import write_text
from supernets.fetch.download_errors import cannot_write


@dataclass(frozen=True)
class Origin:
    """One version of a file on a server."""

    url: str
    validator: str
    """The server's identifier of this version; empty without a reliable one."""
    total: int | None
    """Size in bytes; None if the server does not report it."""


@dataclass(frozen=True)
class Partial:
    """A partial download at `path`."""

    path: Path

    @property
    def note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    @property
    def size(self) -> int:
        """Number of bytes received."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def origin(self, url: str) -> Origin | None:
        """The origin of a download from `url` that is complete or can be continued, else None."""
        try:
            origin = Origin(**json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        continuable = self.size > 0 and origin.validator and (origin.total is None or self.size < origin.total)
        return origin if origin.url == url and (continuable or self.size == origin.total) else None

    def begin(self, origin: Origin) -> None:
        """Start an empty download. The old record is deleted first and the new one written last, in case of a kill.

        Raises:
            FetchError: the folder cannot be written.
        """
        try:
            self.note.unlink(missing_ok=True)
            self.path.open("wb").close()
            write_text(self.note, json.dumps(asdict(origin)))
        except OSError as error:
            raise cannot_write(self.path, error) from None

    def discard(self) -> None:
        self.note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
