"""An architecture as a picture in text: one line a stage, one box a block, the wider the more it computes.

Knows no family: it reads the attributes `operator`, `kernel`, `channels`, `side`, `macs`, `stage`, `block` and
`expansion` of a graph's nodes, which `SearchSpace.graph` gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

STEM, HEAD = -1, 99
"""Values of `stage` outside the stages: there, each operator is a box."""


@dataclass(frozen=True)
class _Stage:
    head: str
    """Name, side and channels."""
    boxes: tuple[tuple[str, int], ...]
    """(label, MACs) in order."""

    @property
    def macs(self) -> int:
        return sum(macs for _, macs in self.boxes)


def draw_stages(graph: nx.DiGraph[Any], width: int, ascii_only: bool = False) -> str:
    """The architecture in at most `width` columns where its labels allow it; lines joined by newlines.

    A stage with more blocks than fit goes on in further lines.
    """
    stages = list(_stages(graph))
    left = max((len(stage.head) for stage in stages), default=0) + 2
    right = 9
    room = max(20, width - left - right)
    unit = _unit(stages, room)
    joint = "-" if ascii_only else "─"
    lines = []
    for stage in stages:
        total = f"{stage.macs / 1e6:.1f} M"
        for i, row in enumerate(_rows(stage, unit, room, joint)):
            start, end = (stage.head, total) if i == 0 else ("", "")
            lines.append(f"{start:{left}}{row:{room}}{end:>{right}}".rstrip())
    return "\n".join(lines)


def _stages(graph: nx.DiGraph[Any]) -> Iterator[_Stage]:
    import networkx as nx

    # Within a stage the blocks go by number and the operators in the order in which they compute.
    nodes = [graph.nodes[node] for node in nx.topological_sort(graph)]
    nodes.sort(key=lambda node: (node["stage"], node["block"]))
    groups = [list(group) for _, group in groupby(nodes, key=lambda node: node["stage"])]
    outputs = [group[-1] for group in groups]
    names = [{STEM: "stem", HEAD: "head"}.get(node["stage"], f"stage {node['stage']}") for node in outputs]
    sides = [f"{node['side']}x{node['side']}" for node in outputs]
    channels = [f"{node['channels']} ch" for node in outputs]
    for group, *cells in zip(groups, _aligned(names, "<"), _aligned(sides, ">"), _aligned(channels, ">"), strict=True):
        yield _Stage("  ".join(cells), tuple(_boxes(group)))


def _aligned(cells: list[str], side: str) -> list[str]:
    width = max(map(len, cells), default=0)
    return [f"{cell:{side}{width}}" for cell in cells]


def _boxes(nodes: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    if nodes[0]["stage"] in (STEM, HEAD):
        yield from ((_label([node]), node["macs"]) for node in nodes if node["macs"])
        return
    for _, group in groupby(nodes, key=lambda node: node["block"]):
        block = list(group)
        yield _label(block), sum(node["macs"] for node in block)


def _label(nodes: list[dict[str, Any]]) -> str:
    """`k5 e4` for a block with a kernel and an expansion, else the name of its costliest operator."""
    kernel = max(node["kernel"] for node in nodes)
    expansion = max(node["expansion"] for node in nodes)
    if expansion:
        return f"k{kernel} e{expansion}"
    name = str(max(nodes, key=lambda node: node["macs"])["operator"])
    return f"{name} k{kernel}" if kernel > 1 else name


def _unit(stages: list[_Stage], room: int) -> float:
    """MACs a column: the fewest, so the widest boxes, with which every stage takes as few lines as it can."""
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
