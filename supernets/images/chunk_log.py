"""An append-only log of finished chunks of work, so that a process that was killed can continue where it stopped.

Each line has a checksum of its own: a line that was cut off by a kill does not count.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class ChunkLog:
    """Records by chunk number; a later record of a chunk replaces an earlier one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records: dict[int, Record] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._read(line)

    def add(self, chunk: int, record: Record) -> None:
        text = json.dumps([chunk, record], separators=(",", ":"))
        # The line break comes first, so that a previous line that was cut off cannot damage this one.
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(f"\n{_checksum(text)} {text}")
        self.records[chunk] = record

    def _read(self, line: str) -> None:
        checksum, _, text = line.partition(" ")
        if text and _checksum(text) == checksum:
            chunk, record = json.loads(text)
            self.records[chunk] = record


def _checksum(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
