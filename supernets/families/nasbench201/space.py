"""The space of NAS-Bench-201: one of five operations on each of a cell's six edges. Every gene always acts.

Notable: cells that compute the same function are *not* merged. The benchmark trained each of the 15,625 strings on its
own and has a score for each, so they are different architectures here too. Costs are those of the deployed network,
without edges that have no effect; `paper_macs_m` is the benchmark's count, which includes all edges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import networkx as nx

from supernets.families.nasbench201.layout import (
    CELLS,
    CHANNELS,
    EDGES,
    OPERATIONS,
    OUTPUT,
    DataSet,
    head,
    live_edges,
    operation,
    reduction,
    stem,
)
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost, totals
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.parsing import is_list
from supernets.space.space import SearchSpace

_WORDS = {customary: word for word, customary in OPERATIONS.items()}
_EDGE = re.compile(r"([^|~+]+)~(\d)")
_FORM = "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|"


class NASBench201Space(SearchSpace):
    """Cells as `{"cell": [6 words]}`; `parse` also reads the benchmark's `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`."""

    def __init__(self, name: str, dataset: DataSet) -> None:
        self._dataset = dataset
        fixed = [*stem(dataset.side), *head(dataset.classes)]
        for stage in (1, 2):
            fixed += reduction(CHANNELS[stage - 1], CHANNELS[stage], dataset.side >> stage)
        self._fixed = totals(fixed)
        self._edge = {
            word: totals([operation(word, c, dataset.side >> s) for s, c in enumerate(CHANNELS)] * CELLS)
            for word in OPERATIONS
        }
        words = tuple(OPERATIONS)
        super().__init__(
            name,
            [
                Dimension(gene="cell", index=i, choices=words, group=str(i), meaning=_meaning(i), ordered=False)
                for i in range(6)
            ],
        )

    def resolution(self, a: Architecture) -> int:
        return self._dataset.side

    def count(self, a: Architecture) -> Cost:
        cell = a["cell"]
        macs, params = self._fixed
        for i in live_edges(cell):
            macs += self._edge[cell[i]][0]
            params += self._edge[cell[i]][1]
        published = self._fixed[0] + sum(self._edge[word][0] for word in cell)
        return Cost(macs=macs, params=params, paper_macs_m=published / 1e6)

    def _terms(self) -> Iterator[Term]:
        macs, params = self._fixed
        yield Term((), {(): Cost(macs=macs, params=params, paper_macs_m=macs / 1e6)})
        for dimension in self.dimensions:
            edges = {(word,): Cost(macs=macs, params=params) for word, (macs, params) in self._edge.items()}
            published = {
                (word,): Cost(macs=0, params=0, paper_macs_m=macs / 1e6) for word, (macs, _) in self._edge.items()
            }
            yield Term((dimension.label,), edges, counts_unused=False)
            yield Term((dimension.label,), published)

    _unused_notes: ClassVar = {
        "macs_m": "Edges on no way from node 0 to node 3 add nothing, whatever they are.",
        "params_m": "Edges on no way from node 0 to node 3 add nothing, whatever they are.",
        "paper_macs_m": "Every edge counts, also one on no way from node 0 to node 3.",
    }

    def _unused(self, a: Architecture) -> Collection[str]:
        live = live_edges(a["cell"])
        return [dimension.label for i, dimension in enumerate(self.dimensions) if i not in live]

    shape_label = "operations in a row"

    def shape(self, a: Architecture) -> float:
        """Most operations in a row between input and output of the cell."""
        cell, live = a["cell"], set(live_edges(a["cell"]))
        longest = [0, -1, -1, -1]
        for i, (start, end) in enumerate(EDGES):
            if i in live and longest[start] >= 0:
                longest[end] = max(longest[end], longest[start] + (cell[i] in ("1x1", "3x3", "pool")))
        return float(max(0, longest[3]))

    def smallest(self) -> Architecture:
        return self._draw(lambda dimension: "none")

    def largest(self) -> Architecture:
        return self._draw(lambda dimension: "3x3")

    def parse(self, genotype: Mapping[str, Any] | str) -> Architecture:
        return super().parse({"cell": genotype} if isinstance(genotype, str) else genotype)

    def _complete(self, genotype: Mapping[str, Any], problems: list[str]) -> Mapping[str, Any]:
        cell = genotype.get("cell")
        if isinstance(cell, list | tuple) and all(is_list(node) and all(map(is_list, node)) for node in cell):
            # Node by node, as programs of the benchmark list a cell: [[["nor_conv_3x3", 0]], ...].
            cell = "+".join("".join(f"|{'~'.join(map(str, edge))}" for edge in node) + "|" for node in cell)
        return {**genotype, "cell": _words(cell, problems)} if isinstance(cell, str) else genotype

    def genotype(self, a: Architecture) -> dict[str, Any]:
        return {"cell": _string([OPERATIONS[word] for word in a["cell"]])}

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        """The operators; the graph attribute `cell` is the graph of one cell with its labelled live edges."""
        cell, side = a["cell"], self._dataset.side
        live = live_edges(cell)
        builder = GraphBuilder()
        builder.graph.graph["cell"] = _cell_graph(cell, live)
        builder.chain(stem(side), STEM)
        for s, channels in enumerate(CHANNELS):
            if s:
                builder.chain(reduction(CHANNELS[s - 1], channels, side >> s), s + 1, 0, "reduce")
            for block in range(1, CELLS + 1):
                _add_cell(builder, cell, live, channels, side >> s, s + 1, block)
        builder.chain(head(self._dataset.classes), HEAD)
        return builder.graph

    def describe(self) -> str:
        example = self._draw(lambda d: tuple(OPERATIONS)[(d.index or 0) % 5]).to_dict()
        return "\n".join(
            (
                f"One cell, repeated {CELLS} times in each of three stages of {', '.join(map(str, CHANNELS))} "
                f"channels, for images of {self._dataset.side} x {self._dataset.side} pixels: {self.size():,} "
                "different cells. A cell has four nodes: node 0 is its input, node 3 its output, and each node is the "
                "sum of what its edges bring from all earlier nodes. A genotype is a JSON object with `cell`, the "
                "operations on the six edges in the order of the table.",
                "",
                dimension_table(self.dimensions),
                "",
                "Operations: none: no edge. skip: the input as it is. 1x1, 3x3: ReLU, convolution, batch norm. pool: "
                "3 x 3 average pooling. Of an edge that no way from node 0 to node 3 uses, nothing is computed.",
                f"Example: {json.dumps(example, separators=(',', ':'))}",
            )
        )


def _meaning(i: int) -> str:
    start, end = EDGES[i]
    ends = {0: " (input)", OUTPUT: " (output)"}
    return f"node {start}{ends.get(start, '')} to node {end}{ends.get(end, '')}"


def _words(cell: str, problems: list[str]) -> list[str]:
    """The six words of a cell string; errors are added to `problems`, and replaced by a valid word."""
    found = _EDGE.findall(cell.strip())
    if cell.strip() != _string([op for op, _ in found]):
        problems.append(f"cell: expected {_FORM}, or a list of six words; got {cell[:100]!r}")
        return ["none"] * len(EDGES)
    unknown = [f"{op}~{start}" for op, start in found if op not in _WORDS]
    if unknown:
        problems.append(f"cell: expected operations {', '.join(_WORDS)}; got {', '.join(unknown)}")
    return [_WORDS.get(op, "none") for op, _ in found]


def _string(operations: Sequence[str]) -> str:
    """The benchmark's spelling of six operations; empty for any other number of operations."""
    if len(operations) != len(EDGES):
        return ""
    edges = [f"{op}~{start}" for op, (start, _) in zip(operations, EDGES, strict=True)]
    return "+".join(f"|{'|'.join(edges[first:last])}|" for first, last in ((0, 1), (1, 3), (3, 6)))


def _cell_graph(cell: Sequence[str], live: Sequence[int]) -> nx.DiGraph[Any]:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from((0, OUTPUT))
    graph.add_edges_from((*EDGES[i], {"label": cell[i]}) for i in live)
    return graph


def _add_cell(
    builder: GraphBuilder, cell: Sequence[str], live: Sequence[int], channels: int, side: int, stage: int, block: int
) -> None:
    at = {0: builder.last}
    for node in range(1, OUTPUT + 1):
        ends: list[int] = []
        for i in (i for i in live if EDGES[i][1] == node):
            builder.last = at[EDGES[i][0]]
            builder.chain([operation(cell[i], channels, side)], stage, block, "cell")
            ends += [builder.last] if builder.last is not None else []
        builder.meet(ends)
        at[node] = builder.last
    if not live:
        builder.chain([operation("none", channels, side)], stage, block, "cell")
