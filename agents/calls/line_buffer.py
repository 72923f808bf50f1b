"""Buffers a streamed answer into whole lines that are safe to show."""

from __future__ import annotations

from collections.abc import Callable

from agents.text.sanitize import clean
from common.redaction import redact


class LineBuffer:
    """Passes cleaned text without secrets to `on_text`, in whole lines.

    A secret may be split between parts of a stream, but not between lines.
    """

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._held = ""

    def add(self, piece: str) -> None:
        lines, newline, rest = (self._held + clean(piece)).rpartition("\n")
        self._held = rest
        if newline:
            self._on_text(redact(lines) + newline)

    def end(self) -> None:
        """Pass on the last line, which has no line break."""
        if self._held:
            self._on_text(redact(self._held))
            self._held = ""
