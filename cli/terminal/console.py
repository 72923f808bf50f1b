"""Consoles, and how texts, numbers and tables are formatted for them.

Notable: every text that enters the trace goes through `clean` and is shown as plain `Text`: markup, links and control
codes in it have no effect. Knows no event.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import IO, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

TRANSCRIPT_WIDTH = 132
"""Columns of the transcript: an OFA genotype, its costs and its verdict on one line."""

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that move the cursor, reorder letters, cannot be encoded or break lines."""

_ASCII = str.maketrans(
    {
        "\N{PLUS-MINUS SIGN}": "+-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
        "\N{BOX DRAWINGS LIGHT VERTICAL}": "|",
        "\N{BULLET}": "*",
        "\N{MIDDLE DOT}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{RIGHTWARDS ARROW}": "->",
        "\N{LESS-THAN OR EQUAL TO}": "<=",
        "\N{GREATER-THAN OR EQUAL TO}": ">=",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        # One letter for one, so that tables stay aligned.
        "\N{VULGAR FRACTION ONE HALF}": "h",
        **dict(zip("▁▂▃▄▅▆▇█", ".:-=+*#@", strict=True)),
    }
)


def _ascii_fallback(error: UnicodeError) -> tuple[str, int]:
    """The replacement for a letter that a stream cannot encode, instead of an exception."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    typed = error.object[error.start : error.end].translate(_ASCII)
    return typed.encode("ascii", "replace").decode(), error.end


codecs.register_error("ascii_fallback", _ascii_fallback)


class WholeLines(Console):
    """A console that does not cut lines: a word that is wider than the terminal goes on in its next line."""

    def print(self, *objects: Any, crop: bool | None = False, **options: Any) -> None:
        super().print(*objects, crop=bool(crop), **options)


def open_console(stream: IO[str] | None = None) -> Console:
    """A console on `stream` (standard output) that uses only what the stream supports.

    Colours follow rich (`NO_COLOR`, `FORCE_COLOR`, `TERM`); only a real terminal gets a moving progress bar; letters
    that the stream's encoding lacks become ASCII.
    """
    stream = stream or sys.stdout
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="ascii_fallback")
    # With FORCE_COLOR rich treats a pipe as a terminal, but only colours are wanted there, no cursor movements.
    interactive = None if stream.isatty() else False
    return WholeLines(file=stream, force_interactive=interactive, markup=False, emoji=False, highlight=False)


def plain_console(stream: IO[str], width: int = TRANSCRIPT_WIDTH) -> Console:
    """A console for a file: fixed width, no colours, no control codes, whatever the environment says."""
    return WholeLines(
        file=stream, width=width, color_system=None, no_color=True, force_terminal=False, force_interactive=False,
        legacy_windows=False, markup=False, emoji=False, highlight=False,
    )  # fmt: skip


def clean(text: str) -> str:
    """`text` without control characters; line ends stay, tabs become spaces."""
    text = text.expandtabs(4).replace("\r\n", "\n")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _UNSAFE)


def clean_text(text: str, style: str = "") -> Text:
    """`text` cleaned, in one style, without interpretation of markup."""
    return Text(clean(text), style=style)


class TrimmedLines:
    """A renderable without the spaces at the ends of its lines, so that pipes and files stay clean."""

    def __init__(self, renderable: RenderableType) -> None:
        self.renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.renderable, options, pad=False):
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                yield from line[:-1]
                yield Segment(line[-1].text.rstrip(), line[-1].style, line[-1].control)
            yield Segment.line()


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` columns, cut with two dots when it is longer."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 2) + ".."


def gene_text(value: Any, grouped: bool = True) -> str:
    """One gene, compactly: lists of small numbers and halves as digits, in fours when there are many: `3½444 43½`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        digits = [_digit(item) for item in value]
        if all(digits):
            step = 4 if grouped and len(digits) > 6 else max(6, len(digits))
            return " ".join("".join(digits[i : i + step]) for i in range(0, len(digits), step))
        return " ".join(re.sub(r"^0\.", ".", gene_text(item)) for item in value)
    text = value if isinstance(value, str) else json.dumps(value)
    return clean(text.removesuffix(".0") if isinstance(value, float) else text).replace("\n", " ")


def _digit(value: Any) -> str:
    """`3` for 3 and 3.0, `3½` for 3.5; empty for what takes more than a digit."""
    if type(value) not in (int, float) or not 0 <= value < 10 or value * 2 % 1:
        return ""
    return f"{int(value)}{'½' if value % 1 else ''}"


def genotype_text(genotype: dict[str, Any]) -> str:
    """All genes with their names on one line."""
    return "  ".join(f"{clean(name)} {gene_text(value)}" for name, value in genotype.items())


def score_text(top1: float, stderr: float | None, ascii_only: bool = False, estimated: bool = False) -> str:
    """`74.31 ± 0.43`, without a unit; `~74.3 ± 0.9` of an estimate."""
    sign = "+-" if ascii_only else "±"
    if estimated:
        return f"~{top1:.1f} {sign} {stderr:.1f}"
    return f"{top1:.2f}" if stderr is None else f"{top1:.2f} {sign} {stderr:.2f}"


def duration(seconds: float) -> str:
    """`0.4 s`, `98 s`, `2 min 10 s`, `3 h 05 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock_text(seconds: float) -> str:
    """`0:42`, `12:05`, `1:02:03`."""
    hours, rest = divmod(max(0, int(seconds)), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def money(cost_usd: float | None) -> str:
    """Dollars with the digits that matter; an unknown price is not a price of nothing."""
    if cost_usd is None:
        return "price unknown"
    if cost_usd == 0:
        return "$0"
    return f"${cost_usd:.2f}" if cost_usd >= 1 else f"${cost_usd:.4f}"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class LabelledRows:
    """Labels and values, aligned, without lines.

    Values wrap between words. A word that is longer than the line, such as a path, stays whole, so that it can be
    copied: the terminal itself goes on with it on the next line.
    """

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        self._rows = [(clean(label), clean(value)) for label, value in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max((cell_len(label) for label, _ in self._rows), default=0)
        room = max(20, options.max_width - width - 2)
        for label, value in self._rows:
            for i, line in enumerate(_lines(value, room)):
                yield Segment(set_cell_size("" if i else label, width), Style(dim=True))
                yield Segment(f"  {line}".rstrip())
                yield Segment.line()


def _lines(text: str, width: int) -> list[str]:
    lines = [
        line
        for given in text.split("\n")
        for line in textwrap.wrap(given, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    return lines or [""]


class WholeWords:
    """A text that wraps between words; a longer word stays whole, as in `LabelledRows`."""

    def __init__(self, text: str, style: str = "", *, start: tuple[str, str] = ("", "")) -> None:
        """`start`: the beginning of the text in a style of its own, and that style."""
        self._start, self._text, self._style = start, clean(text), style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first, style = self._start
        lines = _lines(first + self._text, options.max_width)
        yield Segment(first, console.get_style(style))
        for i, line in enumerate(lines):
            yield Segment(line[len(first) if i == 0 else 0 :], console.get_style(self._style))
            yield Segment.line()


def table(rows: Sequence[tuple[str, str]]) -> LabelledRows:
    """Labels and values as a renderable."""
    return LabelledRows(rows)


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table with headings; the first column is aligned left, figures are aligned right."""
    shown = Table(box=None, pad_edge=False)
    for i, heading in enumerate(headings):
        shown.add_column(heading, no_wrap=True, justify="right" if i else "left")
    for row in rows:
        shown.add_row(*map(clean_text, row))
    return shown
