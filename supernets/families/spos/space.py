"""The SPOS search space: one of four units at each of 20 positions. Every gene always acts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import networkx as nx

from supernets.families.spos.cost import UnitCosts
from supernets.families.spos.layout import CHOICES, KERNELS, REPEATS, RESOLUTION, XCEPTION, Block, Layout
from supernets.space.architecture import Architecture, Choice, Dimension
from supernets.space.cost import Cost
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.space import SearchSpace

_LABELS = {**{choice: f"k{kernel}" for choice, kernel in KERNELS.items()}, XCEPTION: "xception"}


_KERNELS = {0: 3, 1: 5, 2: 7, 3: 7}
"""Pixels that the depthwise kernels of a unit see along a side."""


class SPOSSpace(SearchSpace):
    """ShuffleNetV2 sub-networks: `{"blocks": [20 of 0, 1, 2, 3]}`."""

    def __init__(self, name: str, layout: Layout) -> None:
        self.layout = layout
        self._costs = UnitCosts(layout)
        super().__init__(name, [_dimension(i, block) for i, block in enumerate(layout.blocks())])

    def resolution(self, a: Architecture) -> int:
        return RESOLUTION

    def count(self, a: Architecture) -> Cost:
        return self._costs.cost(a["blocks"])

    def _terms(self) -> Iterator[Term]:
        yield Term((), {(): self._costs.ends()})
        for i, dimension in enumerate(self.dimensions):
            yield Term((dimension.label,), {(choice,): self._costs.of_unit(i, choice) for choice in CHOICES})

    def smallest(self) -> Architecture:
        return self._draw(lambda d: min(d.choices, key=lambda choice: self._macs(d, choice)))

    def largest(self) -> Architecture:
        return self._draw(lambda d: max(d.choices, key=lambda choice: self._macs(d, choice)))

    def count_bounds(self) -> tuple[Cost, Cost]:
        # The unit with the fewest MACs is not the one with the fewest parameters.
        return self._costs.bound(min), self._costs.bound(max)

    def _macs(self, dimension: Dimension, choice: Choice) -> int:
        assert dimension.index is not None
        assert isinstance(choice, int)
        return self._costs.macs(dimension.index, choice)

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        builder = GraphBuilder()
        builder.chain(self._costs.stem(), STEM)
        for i, (block, choice) in enumerate(zip(self.layout.blocks(), a["blocks"], strict=True)):
            start = builder.last
            assert start is not None
            builder.chain(self._costs.block(i, choice), block.stage, i + 1, _LABELS[choice])
            builder.join(start, "concat", block.outputs)
        builder.chain(self._costs.head(), HEAD)
        return builder.graph

    shape_label = "mean side of the kernels"

    def shape(self, a: Architecture) -> float:
        """Mean side of the depthwise kernels; a unit of three 3x3 ones sees as much as one of 7x7."""
        return float(sum(_KERNELS[choice] for choice in a["blocks"]) / len(a["blocks"]))

    def describe(self) -> str:
        return "\n".join(
            (
                f"SPOS ShuffleNetV2: 20 blocks in four stages, each block one of four units, {self.size():.2g} "
                f"different networks, all of which read {RESOLUTION} x {RESOLUTION} pixels. A genotype is a JSON "
                "object with `blocks`, a list of 20 numbers, one for each block in order.",
                "",
                dimension_table(self.dimensions),
                "",
                *self._describe_stages(),
                "",
                "The numbers are names of units, not sizes. 0, 1, 2: pointwise, depthwise (3x3, 5x5, 7x7), pointwise "
                "convolution on half of the channels, the other half passes by. 3: three depthwise 3x3 convolutions, "
                "each followed by a pointwise one: deeper, with more parameters.",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )

    def _describe_stages(self) -> list[str]:
        lines, start, side = [], 0, RESOLUTION // 2
        channels = self.layout.stem
        for s, (width, repeats) in enumerate(zip(self.layout.stages, REPEATS, strict=True), start=1):
            side //= 2
            lines.append(
                f"- stage {s}: entries {start} to {start + repeats - 1}, {channels} to {width} channels, "
                f"{side} x {side} pixels; entry {start} halves the side"
            )
            start, channels = start + repeats, width
        return lines

    def _example(self) -> Architecture:
        return self._draw(lambda dimension: CHOICES[(dimension.index or 0) % len(CHOICES)])


def _dimension(position: int, block: Block) -> Dimension:
    if block.stride == 2:
        group, meaning = "first", "first unit of each stage: 3x3, 5x5, 7x7, Xception"
    else:
        group, meaning = f"stage {block.stage}", f"other units of stage {block.stage}: 3x3, 5x5, 7x7, Xception"
    return Dimension(gene="blocks", index=position, choices=CHOICES, group=group, meaning=meaning, ordered=False)
