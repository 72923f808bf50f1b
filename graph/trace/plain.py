"""A table of facts, as the commands beside the search show it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from graph.trace.text import words


def table(rows: Sequence[tuple[str, str]]) -> Table:
    """Labels and values, aligned, without lines."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(words(label), words(value))
    return grid
