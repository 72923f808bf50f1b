"""The picture of an architecture, on hand-made graphs."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest

from cli.terminal.architecture_diagram import draw


def chain(*rows: tuple[str, int, int, int, int, int, int, str], **attributes: Any) -> nx.DiGraph[Any]:
    names = ("operator", "kernel", "channels", "side", "macs", "stage", "block", "label")
    graph: nx.DiGraph[Any] = nx.DiGraph(**attributes)
    for i, row in enumerate(rows):
        graph.add_node(i, stride=1, **dict(zip(names, row, strict=True)))
        if i:
            graph.add_edge(i - 1, i)
    return graph


GRAPH = chain(
    ("stem", 3, 16, 112, 5_400_000, -1, 0, ""),
    ("expand", 1, 48, 112, 9_600_000, 1, 1, "k5 e3"),
    ("depthwise", 5, 48, 56, 3_800_000, 1, 1, "k5 e3"),
    ("squeeze", 1, 16, 1, 800, 1, 1, "k5 e3"),
    ("project", 1, 24, 56, 3_600_000, 1, 1, "k5 e3"),
    ("expand", 1, 144, 56, 30_000_000, 1, 2, "k7 e6"),
    ("depthwise", 7, 144, 56, 22_000_000, 1, 2, "k7 e6"),
    ("project", 1, 24, 56, 10_800_000, 1, 2, "k7 e6"),
    ("shuffle", 5, 40, 28, 4_000_000, 2, 3, ""),
    ("classifier", 1, 1000, 1, 1_280_000, 99, 0, ""),
)


def layers(*genes: tuple[int, float], width: int = 192) -> nx.DiGraph[Any]:
    """A transformer of (heads, MLP ratio) layers, each with an attention and an MLP."""
    rows = []
    for i, (heads, ratio) in enumerate(genes):
        label, stage = f"h{heads} m{ratio:g}", 1
        rows.append(("attention", 1, width, 14, 14_700_000 * heads, stage, i + 1, label))
        rows.append(("mlp", 1, width, 14, int(14_500_000 * ratio), stage, i + 1, label))
    return chain(
        ("patch embedding", 16, width, 14, 28_900_000, -1, 0, ""),
        *rows,
        ("classifier", 1, 1000, 1, 200_000, 99, 0, ""),
        layout="layers",
        rows={"h": "heads", "m": "MLP ratio"},
    )


def test_one_line_a_stage_with_its_output_its_blocks_and_its_macs() -> None:
    assert draw(GRAPH, 80).splitlines() == [
        "stem     112x112    16 ch  [stem k3]                                       5.4 M",
        "stage 1    56x56    24 ch  [ k5 e3 ]─[             k7 e6              ]   79.8 M",
        "stage 2    28x28    40 ch  [shuffle k5]                                    4.0 M",
        "head         1x1  1000 ch  [classifier]                                    1.3 M",
    ]


def test_boxes_grow_with_macs() -> None:
    first, second = draw(GRAPH, 120).splitlines()[1].split("─")
    assert len(second.split("]")[0]) > 2 * len(first.split("[")[1])


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_asked(width: int) -> None:
    assert max(map(len, draw(GRAPH, width).splitlines())) <= width


def test_a_stage_of_many_blocks_goes_on_in_further_lines() -> None:
    deep = chain(*(("unit", 1, 192, 14, 40_000_000, 1, block, "k1 e4") for block in range(14)))
    lines = draw(deep, 80).splitlines()
    assert [line.count("k1 e4") for line in lines] == [5, 5, 4]
    assert lines[0].startswith("stage 1  14x14  192 ch  [")
    assert lines[0].endswith("560.0 M")
    assert all(line.startswith(" " * len("stage 1  14x14  192 ch  ") + "[") for line in lines[1:])


def test_layers_are_the_columns_of_a_table() -> None:
    assert draw(layers((3, 4.0), (4, 3.5), (3, 3.0), (4, 4.0)), 80).splitlines() == [
        "stem    14x14   192 ch  [patch embedding k16]   28.9 M",
        "layers  14x14   192 ch                         416.1 M",
        "layer         1    2    3    4",
        "heads         3    4    3    4",
        "MLP ratio     4  3.5    3    4",
        "            ▇▇▇  ███  ▆▆▆  ███",
        "M MACs      102  110   88  117",
        "head      1x1  1000 ch  [classifier]             0.2 M",
    ]


def test_sixteen_layers_stand_beside_each_other_in_78_columns() -> None:
    lines = draw(layers(*[(10, 3.5), (9, 4.0)] * 8, width=640), 78).splitlines()
    assert lines[2] == "layer        1   2   3   4   5   6   7   8   9  10  11  12  13  14  15  16"
    assert lines[4] == "MLP ratio  3.5   4 3.5   4 3.5   4 3.5   4 3.5   4 3.5   4 3.5   4 3.5   4"
    assert len(lines) == 8


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_layers_that_do_not_fit_go_on_below_in_equal_parts(width: int) -> None:
    lines = draw(layers(*[(3, 3.5)] * 14), width).splitlines()
    numbers = [line.split()[1:] for line in lines if line.startswith("layer ")]
    assert [number for part in numbers for number in part] == [str(i + 1) for i in range(14)]
    assert max(map(len, numbers)) - min(map(len, numbers)) <= 1
    assert max(len(line) for line in lines if not line.startswith(("stem", "layers", "head "))) <= width


def test_ascii_only() -> None:
    for graph in (GRAPH, layers((3, 3.5), (4, 4.0))):
        assert draw(graph, 80, ascii_only=True).isascii()
