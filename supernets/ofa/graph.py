"""An OFA sub-network as a graph of counted operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx

from supernets.cost import Operator
from supernets.ofa.counting import BlockChoice, CostTable

STEM, HEAD = -1, 99
"""Values of the `stage` attribute outside the elastic stages."""


def draw(costs: CostTable, r: int, blocks: Sequence[tuple[int, BlockChoice, bool]]) -> nx.DiGraph[Any]:
    """The graph of a path.

    Args:
        blocks: (stage from 1, choice, whether the block adds its input) of each block that acts.
    """
    graph = _Builder()
    graph.chain(costs.stem(r), STEM, 0, 0)
    for stage, choice, residual in blocks:
        start = graph.last
        graph.chain(costs.block(r, choice), stage, choice[0] + 1, choice[2])
        if residual and start is not None:
            graph.add_sum(start)
    graph.chain(costs.head(r), HEAD, 0, 0)
    return graph.graph


class _Builder:
    def __init__(self) -> None:
        self.graph: nx.DiGraph[Any] = nx.DiGraph()
        self.last: int | None = None

    def chain(self, operators: Sequence[Operator], stage: int, block: int, expansion: int) -> None:
        for op in operators:
            self._add(
                operator=op.operator, kernel=op.kernel, channels=op.channels, side=op.side, stride=op.stride,
                macs=op.macs, params=op.params, stage=stage, block=block, expansion=expansion,
            )  # fmt: skip

    def add_sum(self, start: int) -> None:
        assert self.last is not None
        projected = self.graph.nodes[self.last]
        self._add(**{**projected, "operator": "add", "kernel": 0, "stride": 1, "macs": 0, "params": 0})
        self.graph.add_edge(start, self.last)

    def _add(self, **attributes: object) -> None:
        node = len(self.graph)
        self.graph.add_node(node, **attributes)
        if self.last is not None:
            self.graph.add_edge(self.last, node)
        self.last = node
