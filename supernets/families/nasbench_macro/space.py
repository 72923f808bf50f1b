"""The space of NAS-Bench-Macro: each of eight layers is empty or one of two inverted residual blocks.

Three stages of 2, 3 and 3 layers with 64, 128 and 256 channels; the first layer of a stage halves the side and, if
empty, is a strided 1x1 convolution. The counts equal the benchmark's parameters and MACs to the integer (Su et al.,
CVPR 2021).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

import networkx as nx

from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost, Operator, conv, linear, totals
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.space import SearchSpace

SIDE, STEM_CHANNELS, FEATURES, CLASSES = 32, 32, 1280, 10
STAGES = ((64, 2), (128, 3), (256, 3))
"""Channels and number of layers of each stage."""
BLOCKS = {1: (3, 3), 2: (5, 6)}
"""Kernel and expansion of the choices that are blocks; choice 0 is an empty layer."""
_LABELS = {0: "skip", 1: "k3 e3", 2: "k5 e6"}


@dataclass(frozen=True, kw_only=True)
class _Layer:
    stage: int
    block: int
    inputs: int
    outputs: int
    side: int
    """Side of its output in pixels."""

    @property
    def stride(self) -> int:
        return 2 if self.block == 1 else 1


def _layers() -> list[_Layer]:
    layers, channels, side = [], STEM_CHANNELS, SIDE
    for stage, (outputs, repeats) in enumerate(STAGES, start=1):
        side //= 2
        for block in range(1, repeats + 1):
            layers.append(_Layer(stage=stage, block=block, inputs=channels, outputs=outputs, side=side))
            channels = outputs
    return layers


class NASBenchMacroSpace(SearchSpace):
    """Networks `{"layers": [8 of 0, 1, 2]}`. Every gene always acts.

    An empty layer after the first of a stage passes its input on, so its place among the later layers makes no
    difference: such genotypes are twins.
    """

    def __init__(self, name: str) -> None:
        self._layers = _layers()
        self._operators = [{choice: _operators(layer, choice) for choice in _LABELS} for layer in self._layers]
        self._fixed = totals([*_stem(), *_head()])
        self._counts = [{choice: totals(ops) for choice, ops in layer.items()} for layer in self._operators]
        choices = tuple(_LABELS)
        super().__init__(
            name,
            [
                Dimension(
                    gene="layers",
                    index=i,
                    choices=choices,
                    group=f"stage {x.stage}",
                    meaning=f"layers of stage {x.stage}, {x.outputs} channels",
                )
                for i, x in enumerate(self._layers)
            ],
        )

    def resolution(self, a: Architecture) -> int:
        return SIDE

    def count(self, a: Architecture) -> Cost:
        macs, params = self._fixed
        for counts, choice in zip(self._counts, a["layers"], strict=True):
            macs += counts[choice][0]
            params += counts[choice][1]
        return Cost(macs=macs, params=params)

    def _terms(self) -> Iterator[Term]:
        yield Term((), {(): Cost(macs=self._fixed[0], params=self._fixed[1])})
        for dimension, counts in zip(self.dimensions, self._counts, strict=True):
            costs = {(choice,): Cost(macs=macs, params=params) for choice, (macs, params) in counts.items()}
            yield Term((dimension.label,), costs)

    def twins(self, a: Architecture) -> list[Architecture]:
        stages, start = [], 0
        for _, repeats in STAGES:
            first, *later = a["layers"][start : start + repeats]
            stages.append([(first, *other) for other in _same_blocks(later)])
            start += repeats
        same = (self.parse({"layers": [*chain.from_iterable(choices)]}) for choices in product(*stages))
        return [other for other in same if other != a]

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        builder = GraphBuilder()
        builder.chain(_stem(), STEM)
        for layer, operators, choice in zip(self._layers, self._operators, a["layers"], strict=True):
            start = builder.last
            assert start is not None
            builder.chain(operators[choice], layer.stage, layer.block, _LABELS[choice])
            if choice and layer.stride == 1:
                builder.join(start)
        builder.chain(_head(), HEAD)
        return builder.graph

    def describe(self) -> str:
        example = self._draw(lambda dimension: (dimension.index or 0) % len(_LABELS)).to_dict()
        return "\n".join(
            (
                f"A network of eight layers in three stages for images of {SIDE} x {SIDE} pixels, "
                f"{self.size():,} different ones. A genotype is a JSON object with `layers`, a list of eight numbers.",
                "",
                dimension_table(self.dimensions),
                "",
                "0: nothing, the input passes on; in the first layer of a stage, which halves the side, a strided 1x1 "
                "convolution. 1: inverted residual block with a 3x3 kernel and expansion 3. 2: the same with 5x5 and "
                "expansion 6.",
                f"Example: {json.dumps(example, separators=(',', ':'))}",
            )
        )


def _same_blocks(later: Sequence[int]) -> list[tuple[int, ...]]:
    """Every choice of the later layers of a stage with the blocks of `later` in their order."""
    blocks = [choice for choice in later if choice]
    return [
        choices for choices in product(_LABELS, repeat=len(later)) if [choice for choice in choices if choice] == blocks
    ]


def _operators(layer: _Layer, choice: int) -> list[Operator]:
    cin, cout, side, stride = layer.inputs, layer.outputs, layer.side, layer.stride
    if choice:
        kernel, expansion = BLOCKS[choice]
        inner = expansion * cin
        return [
            conv("expand", cin, inner, stride * side),
            conv("depthwise", inner, inner, side, kernel, stride, groups=inner),
            conv("project", inner, cout, side),
        ]
    if stride > 1:
        return [conv("shortcut", cin, cout, side, stride=stride)]
    return [Operator(operator="skip", channels=cout, side=side, kernel=0)]


def _stem() -> list[Operator]:
    return [conv("stem", 3, STEM_CHANNELS, SIDE, 3)]


def _head() -> list[Operator]:
    channels, side = STAGES[-1][0], SIDE >> len(STAGES)
    return [conv("features", channels, FEATURES, side), linear("classifier", FEATURES, CLASSES)]
