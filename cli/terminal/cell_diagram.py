"""A text diagram of a cell: its nodes side by side, and a line for each edge from its start to its end.

Knows no family: it reads a graph whose nodes sort in the order in which they compute, with a `label` on each edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

_PITCH = 14
"""Columns from one node to the next, if there is room."""


def draw_cell(cell: nx.DiGraph[Any], width: int, ascii_only: bool = False) -> Iterator[str]:
    """Lines of at most `width` columns if the labels fit."""
    nodes = sorted(cell)
    left = len("cell") + 2
    rows = _rows(cell)
    longest = max((len(label) for row in rows for _, _, label in row), default=0)
    pitch = max(longest + 5, min(_PITCH, (width - left) // len(nodes)))
    at = {node: pitch * i for i, node in enumerate(nodes)}
    names = ["in", *map(str, nodes[1:-1]), "out"]
    yield f"{'cell':{left}}" + "".join(f"{name:{pitch}}" for name in names).rstrip()
    for row in rows:
        line = ""
        for start, end, label in row:
            line = f"{line:{at[start]}}" + _arrow(label, at[end] - at[start], ascii_only)
        yield " " * left + line


def _rows(cell: nx.DiGraph[Any]) -> list[list[tuple[Any, Any, str]]]:
    """Edges in as few rows as possible without overlap, short ones first, each row from left to right."""
    edges: list[tuple[Any, Any, str]] = list(cell.edges(data="label"))
    rows: list[list[tuple[Any, Any, str]]] = []
    for edge in sorted(edges, key=lambda edge: (edge[1] - edge[0], edge[0])):
        free = (row for row in rows if all(edge[1] <= start or end <= edge[0] for start, end, _ in row))
        row = next(free, None)
        if row is None:
            rows.append(row := [])
        row.append(edge)
        row.sort()
    return rows


def _arrow(label: str, length: int, ascii_only: bool) -> str:
    corner, dash = ("+", "-") if ascii_only else ("├", "─")
    return corner + f" {label} ".center(length - 2, dash) + ">"
