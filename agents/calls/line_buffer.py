"""An answer while it comes: pieces of text, made fit for a screen."""

from __future__ import annotations

from collections.abc import Callable

from agents.text.sanitize import clean
from common.redaction import redact


class LineBuffer:
    """Hands pieces on as whole lines, cleaned and without secrets: a secret may lie across pieces, but not lines."""

    def __init__(self, hand: Callable[[str], None]) -> None:
        self._hand = hand
        self._held = ""

    def add(self, piece: str) -> None:
        lines, newline, rest = (self._held + clean(piece)).rpartition("\n")
        self._held = rest
        if newline:
            self._hand(redact(lines) + newline)

    def end(self) -> None:
        """Hand on what is left."""
        if self._held:
            self._hand(redact(self._held))
            self._held = ""
