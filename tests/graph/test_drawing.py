"""The picture of an architecture, on a hand-made graph."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest

from graph.drawing import draw_stages


def chain(*rows: tuple[str, int, int, int, int, int, int, int]) -> nx.DiGraph[Any]:
    names = ("operator", "kernel", "channels", "side", "macs", "stage", "block", "expansion")
    graph: nx.DiGraph[Any] = nx.DiGraph()
    for i, row in enumerate(rows):
        graph.add_node(i, stride=1, **dict(zip(names, row, strict=True)))
        if i:
            graph.add_edge(i - 1, i)
    return graph


GRAPH = chain(
    ("stem", 3, 16, 112, 5_400_000, -1, 0, 0),
    ("expand", 1, 48, 112, 9_600_000, 1, 1, 3),
    ("depthwise", 5, 48, 56, 3_800_000, 1, 1, 3),
    ("squeeze", 1, 16, 1, 800, 1, 1, 3),
    ("project", 1, 24, 56, 3_600_000, 1, 1, 3),
    ("expand", 1, 144, 56, 30_000_000, 1, 2, 6),
    ("depthwise", 7, 144, 56, 22_000_000, 1, 2, 6),
    ("project", 1, 24, 56, 10_800_000, 1, 2, 6),
    ("shuffle", 5, 40, 28, 4_000_000, 2, 3, 0),
    ("classifier", 1, 1000, 1, 1_280_000, 99, 0, 0),
)


def test_one_line_a_stage_with_its_output_its_blocks_and_its_macs() -> None:
    assert draw_stages(GRAPH, 80).splitlines() == [
        "stem     112x112    16 ch  [stem k3]                                       5.4 M",
        "stage 1    56x56    24 ch  [ k5 e3 ]─[             k7 e6              ]   79.8 M",
        "stage 2    28x28    40 ch  [shuffle k5]                                    4.0 M",
        "head         1x1  1000 ch  [classifier]                                    1.3 M",
    ]


def test_boxes_grow_with_macs() -> None:
    first, second = draw_stages(GRAPH, 120).splitlines()[1].split("─")
    assert len(second.split("]")[0]) > 2 * len(first.split("[")[1])


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_asked(width: int) -> None:
    assert max(map(len, draw_stages(GRAPH, width).splitlines())) <= width


def test_a_stage_of_many_blocks_goes_on_in_further_lines() -> None:
    deep = chain(*(("attention", 1, 192, 14, 40_000_000, 1, block, 4) for block in range(14)))
    lines = draw_stages(deep, 80).splitlines()
    assert [line.count("k1 e4") for line in lines] == [5, 5, 4]
    assert lines[0].startswith("stage 1  14x14  192 ch  [")
    assert lines[0].endswith("560.0 M")
    assert all(line.startswith(" " * len("stage 1  14x14  192 ch  ") + "[") for line in lines[1:])


def test_ascii_only() -> None:
    assert draw_stages(GRAPH, 80, ascii_only=True).isascii()
