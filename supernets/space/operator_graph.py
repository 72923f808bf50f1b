"""Builds the graph of a sub-network: a chain of counted operators, with sums of shortcuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx

from supernets.space.cost import Operator

STEM, HEAD = -1, 99
"""Values of the `stage` attribute outside the searched stages."""


class GraphBuilder:
    """A growing graph; `last` is the node that was added last."""

    def __init__(self) -> None:
        self.graph: nx.DiGraph[Any] = nx.DiGraph()
        self.last: int | None = None

    def chain(self, operators: Sequence[Operator], stage: int, block: int = 0, label: str = "") -> None:
        """Add operators one after the other.

        Args:
            stage: from 1, or `STEM` or `HEAD`.
            block: from 1; 0 in stem and head.
            label: the genes of the block, as a diagram shows them.
        """
        for op in operators:
            self._add(
                operator=op.operator, kernel=op.kernel, channels=op.channels, side=op.side, stride=op.stride,
                macs=op.macs, params=op.params, stage=stage, block=block, label=label,
            )  # fmt: skip

    def join(self, start: int, operator: str = "add", channels: int | None = None) -> None:
        """Add a node that joins node `start` and the last node, without cost.

        Args:
            channels: output channels; None for those of the last node.
        """
        assert self.last is not None
        last = self.graph.nodes[self.last]
        joined = {"operator": operator, "kernel": 0, "stride": 1, "macs": 0, "params": 0}
        self._add(**{**last, **joined, "channels": channels or last["channels"]})
        self.graph.add_edge(start, self.last)

    def meet(self, ends: Sequence[int]) -> None:
        """Add a node that sums several nodes of one shape, without cost; a single node needs no sum."""
        if len(ends) > 1:
            self.last = ends[-1]
            self.join(ends[0])
            self.graph.add_edges_from((end, self.last) for end in ends[1:-1])

    def _add(self, **attributes: object) -> None:
        node = len(self.graph)
        self.graph.add_node(node, **attributes)
        if self.last is not None:
            self.graph.add_edge(self.last, node)
        self.last = node
