"""Tables, as the commands beside the search show them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from cli.terminal.console import words


def table(rows: Sequence[tuple[str, str]]) -> Table:
    """Labels and values, aligned, without lines."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(words(label), words(value))
    return grid


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A row each under headings, figures to the right of their names."""
    shown = Table(box=None, pad_edge=False)
    for i, heading in enumerate(headings):
        shown.add_column(heading, no_wrap=True, justify="right" if i else "left")
    for row in rows:
        shown.add_row(*map(words, row))
    return shown
