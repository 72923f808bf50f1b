"""A model's Markdown in the terminal: headings, lists and tables kept, everything else as it was written.

Notable: rich's Markdown is not used, because it makes links clickable and turns headings into boxes. A bar on the left
marks a model's text, so that no line of it looks like a line of the program. Machine-readable blocks are replaced by
one line that summarises them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cli.terminal.console import TrimmedLines, clean_text, count

MAX_LINES = 40
"""Most lines of a strategy that are shown; the archive has all."""
_LONGEST_ROW, _MOST_CELLS = 2_000, 20
"""Most characters of a row, and cells of a table's row, that are laid out, since layout is slow beyond."""

_FENCE = re.compile(r"^ *```+ *json\b[^\n]*\n(.*?)(?:^ *```+ *$|\Z)", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,3}[.)])\s+(.*)$")
_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")
_CELL_RULE = re.compile(r"^:?-{2,}:?$")


class Prose:
    """Markdown behind a bar, at most `MAX_LINES` lines of it."""

    def __init__(self, markdown: str) -> None:
        self.markdown = markdown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bar = Segment("| " if options.ascii_only else "│ ", Style(dim=True))
        text, summary = without_blocks(self.markdown)
        body = TrimmedLines(Group(*_paragraphs(text)))
        lines = console.render_lines(body, options.update(width=max(20, options.max_width - 4)), pad=False)
        remarks = [summary] if summary else []
        if (hidden := len(lines) - MAX_LINES) > 0:
            lines = lines[:MAX_LINES]
            remarks.insert(0, f"{count(hidden, 'more line')}, in the archive")
        for line in [*lines, *([Segment(remark, Style(dim=True))] for remark in remarks)]:
            yield Segment("  ")
            yield bar if line else Segment(bar.text.rstrip(), bar.style)
            yield from line
            yield Segment.line()


def without_blocks(markdown: str) -> tuple[str, str]:
    """The Markdown without its json blocks, and a summary of the first of them, which is the one used."""
    first = _FENCE.search(markdown)
    return _FENCE.sub("", markdown), _summary(first[1]) if first else ""


def _summary(block: str) -> str:
    try:
        content = json.loads(block)
    except (ValueError, RecursionError):
        return f"a json block of {count(len(block), 'character')} that cannot be read"
    if not isinstance(content, dict):
        return "a json block without preferences"
    parts = []
    if isinstance(preferences := content.get("prefer"), dict):
        parts.append(f"preferences for {count(len(preferences), 'gene')}")
    if isinstance(examples := content.get("examples"), list):
        parts.append(count(len(examples), "example"))
    return ", ".join(parts) or "a json block without preferences"


def _paragraphs(markdown: str) -> Iterator[RenderableType]:
    """Blocks in order, one blank line before a heading, the text under a heading two columns in."""
    indent = 0
    rows = [row[:_LONGEST_ROW].rstrip() for row in clean_text(markdown).plain.splitlines()]
    for kind, group in groupby(_joined(rows), key=lambda row: "table" if row.startswith("|") else "line"):
        if kind == "table":
            yield Padding(_table(list(group)), (0, 0, 0, indent))
            continue
        for row in group:
            if heading := _HEADING.match(row):
                if indent:
                    yield Text()
                indent = 2
                yield _inline(heading[2], "bold")
            elif item := _ITEM.match(row):
                yield Padding(_item(item[2], item[3]), (0, 0, 0, indent + min(len(item[1]), 6)))
            else:
                yield Padding(_inline(row), (0, 0, 0, indent))


def _joined(rows: list[str]) -> list[str]:
    """Rows with hard-wrapped sentences joined, without blank rows and code fences."""
    joined: list[str] = []
    open_row = code = False
    for row in rows:
        if row.lstrip().startswith("```"):
            code, open_row = not code, False
            continue
        starts = code or row.startswith("|") or _HEADING.match(row) or _ITEM.match(row)
        if open_row and row and not starts:
            joined[-1] += " " + row.strip()
        elif row:
            joined.append(row if starts else row.strip())
        open_row = bool(row) and not (code or row.startswith("|") or _HEADING.match(row))
    return joined


def _inline(row: str, style: str = "") -> Text:
    text, end = Text(style=style), 0
    for match in _INLINE.finditer(row):
        text.append(row[end : match.start()])
        text.append(match[1] or match[2], "bold" if match[1] else "cyan")
        end = match.end()
    return text.append(row[end:])


def _item(marker: str, row: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text("-" if marker in "*+-" else marker), _inline(row))
    return grid


def _table(rows: list[str]) -> RenderableType:
    cells = [[cell.strip() for cell in row.strip("|").split("|")[:_MOST_CELLS]] for row in rows]
    cells = [row for row in cells if not all(_CELL_RULE.match(cell) for cell in row)]
    columns = max(map(len, cells), default=1)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for row in cells:
        grid.add_row(*(_inline(cell) for cell in row), *[""] * (columns - len(row)))
    return grid
