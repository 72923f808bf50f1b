"""A terminal as far as the trace needs one: what a person sees after the codes of a stream have been obeyed."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from cli.terminal.console import plain_console
from cli.terminal.trace import Trace
from graph.events import Event

_TOKENS = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b")


def in_pipe(events: Sequence[Event], width: int = 80, quiet: bool = False) -> str:
    """What a trace writes where there are neither colours nor a cursor."""
    page = io.StringIO()
    with Trace(plain_console(page, width), quiet=quiet) as trace:
        for event in events:
            trace(event)
    return page.getvalue()


class Screen:
    """An endless page. Knows new lines, cursor up, erasing lines, colours (ignored) and the cursor's visibility."""

    def __init__(self) -> None:
        self._lines = [""]
        self._row = self._column = 0
        self.cursor_visible = True

    def feed(self, stream: str) -> Screen:
        for token in _TOKENS.finditer(stream):
            if token[3]:
                self._obey(token[1] + token[3], token[2])
            elif token[0] == "\r":
                self._column = 0
            elif token[0] == "\n":
                self._row, self._column = self._row + 1, 0
                self._lines += [""] * (self._row + 1 - len(self._lines))
            else:
                self._write(token[0])
        return self

    @property
    def lines(self) -> list[str]:
        """What stands on the page, without blank lines at its end."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip().split("\n")

    @property
    def row(self) -> int:
        """Where the cursor is, from 0."""
        return self._row

    def _obey(self, code: str, arguments: str) -> None:
        if code == "A":
            self._row = max(0, self._row - int(arguments or 1))
        elif code == "K":
            assert arguments == "2"
            self._lines[self._row] = ""
        elif code in ("?h", "?l"):
            assert arguments == "25"
            self.cursor_visible = code == "?h"
        else:
            assert code == "m", f"a control code that a calm trace has no use for: {code!r}"

    def _write(self, text: str) -> None:
        assert "\x1b" not in text, "a bare escape"
        line = self._lines[self._row].ljust(self._column)
        self._lines[self._row] = line[: self._column] + text + line[self._column + len(text) :]
        self._column += len(text)
