"""A translated network: a graph of operations, in one order whatever the text's, with its shapes and costs.

Two texts of one graph are equal programs with equal code. Only what the output depends on is kept; nodes follow their
inputs, in the order in which a walk back from the output meets them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import networkx as nx

from supernets.code.operations import COMMUTATIVE, LAYERS, all_arguments
from supernets.code.signature import Attributes

Shape = tuple[int, ...]
INPUT = "input"


@dataclass(frozen=True)
class LayerSpec:
    """A layer with weights: its name in `nn`, or `Parameter`."""

    kind: str
    attributes: Attributes
    params: int = field(compare=False, default=0)


@dataclass(frozen=True)
class Node:
    """One operation, or the call of a layer (`operation` is then `layer`)."""

    operation: str
    inputs: tuple[int, ...] = ()
    attributes: Attributes = ()
    layer: int | None = None
    shape: Shape = ()
    """Of one example: without the first dimension; empty where a layer makes several tensors."""


@dataclass(frozen=True)
class Program:
    """The graph of a network."""

    layers: tuple[LayerSpec, ...]
    nodes: tuple[Node, ...]
    """The first is the input, the last the output."""
    origins: tuple[str, ...] = field(compare=False, default=())
    """Name of each layer in the text that was translated, such as `blocks.0.conv1`."""

    @property
    def input_shape(self) -> Shape:
        return self.nodes[0].shape

    @property
    def output_shape(self) -> Shape:
        return self.nodes[-1].shape

    @cached_property
    def params(self) -> int:
        return sum(layer.params for layer in self.layers)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of one example: convolutions, linear and recurrent layers, matrix products."""
        return sum(self.node_macs(node) for node in self.nodes)

    def node_macs(self, node: Node) -> int:
        given = [self.nodes[i].shape for i in node.inputs]
        if node.layer is not None and node.operation == "layer":
            layer = self.layers[node.layer]
            arguments = all_arguments(layer.kind, dict(layer.attributes))
            return LAYERS[layer.kind].macs(arguments, given[0], node.shape)
        if node.operation == "matmul":
            return _count(node.shape) * given[0][-1]
        if node.operation == "scaled_dot_product_attention":
            query, key, _ = given
            return _count(query) * key[-2] + _count(node.shape) * key[-2]
        return 0

    @cached_property
    def graph(self) -> nx.DiGraph[Any]:
        """Nodes with `operator`, `shape`, `macs` and `params`; a layer that is used twice counts its weights once."""
        graph: nx.DiGraph[Any] = nx.DiGraph()
        counted: set[int] = set()
        for i, node in enumerate(self.nodes):
            layer = None if node.layer is None else self.layers[node.layer]
            params = 0
            if layer is not None and node.layer is not None and node.layer not in counted:
                counted.add(node.layer)
                params = layer.params
            graph.add_node(
                i, operator=node.operation if layer is None else layer.kind, shape=node.shape,
                macs=self.node_macs(node), params=params,
            )  # fmt: skip
            graph.add_edges_from((given, i) for given in node.inputs)
        return graph


def _count(shape: Shape) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def ordered(program: Program) -> Program:
    """The program with what its last node depends on alone, in canonical order."""
    program = replace(program, nodes=_sorted_inputs(program))
    place: dict[int, int] = {}
    layers: dict[int, int] = {}
    nodes: list[Node] = []
    place[0] = 0
    nodes.append(program.nodes[0])
    stack = [(len(program.nodes) - 1, False)]
    while stack:
        i, ready = stack.pop()
        if i in place:
            continue
        node = program.nodes[i]
        if not ready:
            stack.append((i, True))
            stack.extend((given, False) for given in reversed(node.inputs))
            continue
        layer = None if node.layer is None else layers.setdefault(node.layer, len(layers))
        place[i] = len(nodes)
        inputs = tuple(place[given] for given in node.inputs)
        nodes.append(Node(node.operation, inputs, node.attributes, layer, node.shape))
    kept = list(layers)
    return Program(tuple(program.layers[i] for i in kept), tuple(nodes), tuple(program.origins[i] for i in kept))


def _sorted_inputs(program: Program) -> tuple[Node, ...]:
    """The nodes, with the inputs of sums and products in an order that follows from what they are computed from."""
    digests: list[str] = []
    nodes = []
    for node in program.nodes:
        inputs = node.inputs
        if node.operation in COMMUTATIVE:
            inputs = tuple(sorted(inputs, key=lambda i: digests[i]))
        layer = None if node.layer is None else (program.layers[node.layer].kind, program.layers[node.layer].attributes)
        content = (node.operation, node.attributes, layer, [digests[i] for i in inputs])
        digests.append(hashlib.sha256(repr(content).encode()).hexdigest())
        nodes.append(replace(node, inputs=inputs))
    return tuple(nodes)
