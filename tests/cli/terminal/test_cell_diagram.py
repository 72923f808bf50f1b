"""The diagram of a cell, on hand-made graphs."""

from __future__ import annotations

from typing import Any

import networkx as nx

from cli.terminal.architecture_diagram import draw
from tests.cli.terminal.test_architecture_diagram import chain


def test_a_cell_is_drawn_first_with_a_line_for_each_edge() -> None:
    cell: nx.DiGraph[Any] = nx.DiGraph()
    for start, end, label in ((0, 1, "3x3"), (1, 2, "3x3"), (2, 3, "1x1"), (0, 2, "pool"), (0, 3, "skip")):
        cell.add_edge(start, end, label=label)
    graph = chain(("classifier", 1, 10, 1, 640, 99, 0, ""), cell=cell)
    assert draw(graph, 60).splitlines()[:5] == [
        "cell  in           1            2            out",
        "      ├─── 3x3 ───>├─── 3x3 ───>├─── 1x1 ───>",
        "      ├───────── pool ─────────>",
        "      ├──────────────── skip ───────────────>",
        "",
    ]
    assert "+--- 3x3 --->" in draw(graph, 60, ascii_only=True)
    alone: nx.DiGraph[Any] = nx.DiGraph()
    alone.add_nodes_from((0, 3))
    assert draw(chain(("classifier", 1, 10, 1, 640, 99, 0, ""), cell=alone), 60).startswith("cell  in ")
