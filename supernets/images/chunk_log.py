"""An append-only file of finished pieces of work: what a killed process has done is not done again.

A line is believed only if its own checksum holds, so a line that was cut off by a kill counts as not written.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class ChunkLog:
    """Records by the number of the piece they are about; of two about one piece, the later holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records: dict[int, Record] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._read(line)

    def add(self, piece: int, record: Record) -> None:
        text = json.dumps([piece, record], separators=(",", ":"))
        # The line break comes first, so that a line that was cut off cannot spoil this one.
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(f"\n{_checksum(text)} {text}")
        self.records[piece] = record

    def _read(self, line: str) -> None:
        checksum, _, text = line.partition(" ")
        if text and _checksum(text) == checksum:
            piece, record = json.loads(text)
            self.records[piece] = record


def _checksum(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
