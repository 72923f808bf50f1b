"""The OFA search space: resolution, depth of each stage, kernel and expansion of each block.

Blocks beyond a stage's depth do not act: their canonical kernel and expansion are the smallest choices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import networkx as nx

from supernets.families.ofa.cost import BlockCosts
from supernets.families.ofa.layout import DEPTHS, EXPANSIONS, KERNELS, RESOLUTIONS, Layout, consecutive_ranges
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.space import SearchSpace


class OFASpace(SearchSpace):
    """MobileNetV3 (widths 1.0 and 1.2) and ProxylessNAS (1.3) sub-networks: `{"r", "d", "ks", "e"}`."""

    def __init__(
        self,
        *,
        name: str,
        title: str,
        layout: Layout,
        paper_multiplier: float | None = None,
        resolutions: tuple[int, ...] = RESOLUTIONS,
    ) -> None:
        self.title = title
        self.layout = layout
        self.resolutions = resolutions
        self._costs = BlockCosts(layout, paper_multiplier)
        self.stage_blocks = consecutive_ranges(stage.max_depth for stage in layout.stages)
        super().__init__(name, _dimensions(layout, self.stage_blocks, resolutions))

    def active_blocks(self, a: Architecture) -> list[int]:
        """Indices of the blocks that act, in order."""
        return [i for d, blocks in zip(a["d"], self.stage_blocks, strict=True) for i in blocks[:d]]

    def resolution(self, a: Architecture) -> int:
        side: int = a["r"]
        return side

    def count(self, a: Architecture) -> Cost:
        ks, e = a["ks"], a["e"]
        return self._costs.cost(a["r"], [(i, ks[i], e[i]) for i in self.active_blocks(a)])

    def _terms(self) -> Iterator[Term]:
        yield Term(("r",), {(r,): self._costs.ends(r) for r in self.resolutions})
        for i in range(self.layout.blocks):
            choices = product(self.resolutions, KERNELS, EXPANSIONS)
            costs = {(r, kernel, e): self._costs.of_block(r, (i, kernel, e)) for r, kernel, e in choices}
            yield Term(("r", f"ks[{i}]", f"e[{i}]"), costs)

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        inputs, r, builder = self.layout.block_inputs(), a["r"], GraphBuilder()
        builder.chain(self._costs.stem(r), STEM)
        for s, (depth, blocks) in enumerate(zip(a["d"], self.stage_blocks, strict=True), start=1):
            for i in blocks[:depth]:
                (stage, cin, stride), kernel, expansion = inputs[i], a["ks"][i], a["e"][i]
                start = builder.last
                builder.chain(self._costs.block(r, (i, kernel, expansion)), s, i + 1, f"k{kernel} e{expansion}")
                if start is not None and stride == 1 and cin == stage.width:
                    builder.join(start)
        builder.chain(self._costs.head(r), HEAD)
        return builder.graph

    shape_label = "mean expansion, by the number of blocks"

    def shape(self, a: Architecture) -> float:
        """Mean expansion of the blocks that act, for each of them."""
        blocks = self.active_blocks(a)
        return float(sum(a["e"][i] for i in blocks) / len(blocks) ** 2)

    def describe(self) -> str:
        blocks, stages = self.layout.blocks, len(self.layout.stages)
        return "\n".join(
            (
                f"{self.title}: {stages} stages of inverted residual blocks, {self.size():.2g} "
                f"networks. A genotype is a JSON object with `r`, a number, `d`, a list of {stages}, and `ks` and `e`, "
                f"lists of {blocks}, stage after stage; blocks that do not act have entries, too.",
                "",
                dimension_table(self.dimensions),
                "",
                *self._describe_stages(),
                "",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )

    def _describe_stages(self) -> list[str]:
        lines, channels = [], self.layout.first
        for s, stage in enumerate(self.layout.stages):
            squeeze = ", squeeze-and-excitation" if stage.squeeze else ""
            kind = f"stride {stage.stride}, {stage.activation}{squeeze}"
            lines.append(f"- stage {s + 1}: {channels} to {stage.width} channels, {kind}")
            channels = stage.width
        return lines


def _dimensions(layout: Layout, stage_blocks: Sequence[range], resolutions: tuple[int, ...]) -> list[Dimension]:
    dimensions = [
        Dimension(gene="r", index=None, choices=resolutions, group="r", meaning="side of the input in pixels")
    ]
    for s, stage in enumerate(layout.stages):
        elastic = stage.max_depth > 1
        # The one-block stage of ProxylessNAS has other choices, so it has a row of its own in descriptions.
        group = "d" if elastic else f"d stage {s + 1}"
        choices = DEPTHS if elastic else (1,)
        dimensions.append(Dimension(gene="d", index=s, choices=choices, group=group, meaning="blocks of each stage"))
    for gene, gene_choices, meaning in (
        ("ks", KERNELS, "kernel"),
        ("e", EXPANSIONS, "expansion"),
    ):
        for s, blocks in enumerate(stage_blocks):
            group, text = f"{gene} stage {s + 1}", f"{meaning}, stage {s + 1}"
            for j, i in enumerate(blocks):
                condition = (f"d[{s}]", j + 1) if j >= min(DEPTHS) else None
                dimensions.append(
                    Dimension(gene=gene, index=i, choices=gene_choices, group=group, meaning=text, acts_from=condition)
                )
    return dimensions
