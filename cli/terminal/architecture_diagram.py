"""A text diagram of an architecture, by stages or by layers.

Stages: one line each, one box a block, the wider the more it computes. Layers, of which a transformer has many and all
alike: a table with a column for each, a row for each of its genes, and bars for what it computes.

Knows no family: it reads the attributes `operator`, `kernel`, `channels`, `side`, `macs`, `stage`, `block` and `label`
of a graph's nodes, which `SearchSpace.graph` gives. A graph that is to be drawn in layers says so: its attribute
`layout` is `layers`, and `rows` names the rows of the table by the letters that begin the words of a label: with
`{"h": "heads"}`, the label `h3` puts 3 into the row `heads`, without it into the row `h`. An attribute `cell` is a
graph of its own, drawn first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from cli.terminal.cell_diagram import draw_cell

if TYPE_CHECKING:
    import networkx as nx

STEM, HEAD = -1, 99
"""Values of `stage` before and after the stages; there, each operator is a box."""
_RIGHT = 9
"""Width of the MACs at the end of a line."""
_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class _Stage:
    head: str
    """Name, side and channels."""
    boxes: tuple[tuple[str, int], ...]
    """(label, MACs) in order."""
    searched: bool
    """Whether it is a stage of the space, and neither stem nor head."""

    @property
    def macs(self) -> int:
        return sum(macs for _, macs in self.boxes)


def draw(graph: nx.DiGraph[Any], width: int, ascii_only: bool = False) -> str:
    """The diagram in at most `width` columns if the labels fit; lines joined by newlines.

    What has more blocks than fit beside each other goes on below.
    """
    lines = _layers if graph.graph.get("layout") == "layers" else _boxed_stages
    cell = graph.graph.get("cell")
    drawn = [] if cell is None else [*draw_cell(cell, width, ascii_only), ""]
    return "\n".join([*drawn, *lines(graph, width, ascii_only)])


def _boxed_stages(graph: nx.DiGraph[Any], width: int, ascii_only: bool) -> Iterator[str]:
    stages = list(_stages(graph, lambda stage: f"stage {stage}"))
    room = max(20, width - _left(stages) - _RIGHT)
    unit = _unit(stages, room)
    for stage in stages:
        first, *further = _rows(stage, unit, room, _joint(ascii_only))
        yield _line(stages, stage, first, room)
        yield from (" " * _left(stages) + row for row in further)


def _layers(graph: nx.DiGraph[Any], width: int, ascii_only: bool) -> Iterator[str]:
    stages = list(_stages(graph, lambda stage: "layers"))
    tables = [
        _table(stage, graph.graph.get("rows", {}), width, ascii_only) if stage.searched else [] for stage in stages
    ]
    boxes = ["" if s.searched else _joint(ascii_only).join(_box(label, 0, 0) for label, _ in s.boxes) for s in stages]
    edge = max((len(line) for table in tables for line in table), default=0)
    room = max([edge - _left(stages) - _RIGHT, *map(len, boxes)])
    for stage, box, table in zip(stages, boxes, tables, strict=True):
        yield _line(stages, stage, box, room)
        yield from table


def _line(stages: Sequence[_Stage], stage: _Stage, row: str, room: int) -> str:
    return f"{stage.head:{_left(stages)}}{row:{room}}{f'{stage.macs / 1e6:.1f} M':>{_RIGHT}}"


def _joint(ascii_only: bool) -> str:
    return "-" if ascii_only else "─"


def _left(stages: Sequence[_Stage]) -> int:
    return max((len(stage.head) for stage in stages), default=0) + 2


def _stages(graph: nx.DiGraph[Any], name: Callable[[int], str]) -> Iterator[_Stage]:
    """Stem, searched stages, head; stages for which `name` returns the same are merged."""
    import networkx as nx

    def named(node: dict[str, Any]) -> str:
        return {STEM: "stem", HEAD: "head"}.get(node["stage"]) or name(node["stage"])

    # Within a stage the blocks go by number and the operators in the order in which they compute.
    nodes = [graph.nodes[node] for node in nx.topological_sort(graph)]
    nodes.sort(key=lambda node: (node["stage"], node["block"]))
    groups = {title: list(group) for title, group in groupby(nodes, key=named)}
    outputs = [group[-1] for group in groups.values()]
    sides = [f"{node['side']}x{node['side']}" for node in outputs]
    channels = [f"{node['channels']} ch" for node in outputs]
    columns = zip(_aligned(list(groups), "<"), _aligned(sides, ">"), _aligned(channels, ">"), strict=True)
    for group, cells in zip(groups.values(), columns, strict=True):
        yield _Stage("  ".join(cells), tuple(_boxes(group)), group[0]["stage"] not in (STEM, HEAD))


def _aligned(cells: list[str], side: str) -> list[str]:
    width = max(map(len, cells), default=0)
    return [f"{cell:{side}{width}}" for cell in cells]


def _boxes(nodes: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    if nodes[0]["stage"] in (STEM, HEAD):
        yield from ((_label([node]), node["macs"]) for node in nodes if node["macs"])
        return
    for _, group in groupby(nodes, key=lambda node: (node["stage"], node["block"])):
        block = list(group)
        yield _label(block), sum(node["macs"] for node in block)


def _label(nodes: list[dict[str, Any]]) -> str:
    """The genes of a block, else the name of its costliest operator."""
    if nodes[0]["label"]:
        return str(nodes[0]["label"])
    kernel = max(node["kernel"] for node in nodes)
    name = str(max(nodes, key=lambda node: node["macs"])["operator"])
    return f"{name} k{kernel}" if kernel > 1 else name


def _unit(stages: list[_Stage], room: int) -> float:
    """MACs per column: the fewest, and so the widest boxes, with which no stage takes more lines than it must."""
    unit = max((macs for stage in stages for _, macs in stage.boxes), default=0) / room
    fewest = [len(_rows(stage, inf, room)) for stage in stages]
    while unit and any(len(_rows(stage, unit, room)) > n for stage, n in zip(stages, fewest, strict=True)):
        unit *= 1.05
    return unit


def _box(label: str, macs: int, unit: float) -> str:
    inner = max(len(label), round(macs / unit) - 2) if unit else len(label)
    return f"[{label:^{inner}}]"


def _rows(stage: _Stage, unit: float, room: int, joint: str = "-") -> list[str]:
    """A stage's boxes joined into as few lines as hold them."""
    rows: list[str] = []
    for label, macs in stage.boxes:
        box = _box(label, macs, unit)
        if rows and len(rows[-1]) + len(joint) + len(box) <= room:
            rows[-1] += joint + box
        else:
            rows.append(box)
    return rows


def _table(stage: _Stage, names: Mapping[str, str], width: int, ascii_only: bool) -> list[str]:
    """A column per layer, split into equal parts below each other if `width` cannot hold all."""
    words = [dict(re.findall(r"([A-Za-z]+)(\S+)", label)) for label, _ in stage.boxes]
    rows = {"layer": [str(i + 1) for i in range(len(words))]}
    for letters in dict.fromkeys(letters for found in words for letters in found):
        rows[names.get(letters, letters)] = [found.get(letters, "") for found in words]
    amounts = [f"{macs / 1e6:.{0 if macs >= 1e7 else 1}f}" for _, macs in stage.boxes]
    cell = max(len(text) for cells in (*rows.values(), amounts) for text in cells)
    if not ascii_only:
        rows[""] = _bars(stage, cell)
    rows["M MACs"] = amounts
    left = max(map(len, rows)) + 1
    parts = ceil(len(words) / max(1, (width - left) // (cell + 1)))
    columns = ceil(len(words) / parts)
    pitch = min(cell + 2, max(cell + 1, (width - left) // columns))
    lines = []
    for start in range(0, len(words), columns):
        lines += [""] if start else []
        for name, cells in rows.items():
            lines.append(f"{name:{left}}" + "".join(f"{text:>{pitch}}" for text in cells[start : start + columns]))
    return lines


def _bars(stage: _Stage, width: int) -> list[str]:
    """A bar per block, as high as its MACs in eighths of the costliest block's."""
    most = max(macs for _, macs in stage.boxes)
    return [_EIGHTHS[round(8 * macs / most) if most else 0] * width for _, macs in stage.boxes]
