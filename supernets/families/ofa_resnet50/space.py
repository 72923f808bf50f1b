"""The OFA ResNet-50 space: resolution, depths, expansion of each block, width of the stem and of each stage.

Two choices of the authors' genotypes make no difference, so `parse` accepts them but they are not sampled: a stem depth
`d[0]` of 1 means 0, because only 2 adds a layer; and a stem width `w[0]` of 1 means 0, because 0.65 and 0.8 of 32
channels both round to 24. Blocks beyond a stage's depth do not act: their canonical expansion is the smallest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import networkx as nx

from supernets.families.ofa.cost import halve
from supernets.families.ofa_resnet50 import cost as costs
from supernets.families.ofa_resnet50.layout import EXPANSIONS, EXTRA_BLOCKS, MULTIPLIERS, RESOLUTIONS, Layout, resnet50
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.parsing import is_list
from supernets.space.space import SearchSpace

_SAME_AS_LEAST = 1
"""The choice of `d[0]` and of `w[0]` with the same network as choice 0."""


class ResNet50Space(SearchSpace):
    """ResNet-50 sub-networks: `{"r", "d", "e", "w"}`."""

    def __init__(self, name: str) -> None:
        self.layout = resnet50()
        super().__init__(name, _dimensions(self.layout))

    def resolution(self, a: Architecture) -> int:
        side: int = a["r"]
        return side

    def count(self, a: Architecture) -> Cost:
        return costs.cost(self.layout.stem(a), self.layout.blocks(a), a["r"])

    def _terms(self) -> Iterator[Term]:
        layout, widths = self.layout, range(len(MULTIPLIERS))
        stems = product(RESOLUTIONS, _without_same(EXTRA_BLOCKS), _without_same(widths), widths)
        yield Term(
            ("r", "d[0]", "w[0]", "w[1]"),
            {(r, *genes): costs.of_stem(layout.stem_of(*genes), r) for r, *genes in stems},
        )
        sides = {r: halve(halve(r)) for r in RESOLUTIONS}
        for s, (stage, blocks) in enumerate(zip(layout.stages, layout.stage_blocks, strict=True)):
            before, width = f"w[{s + 1}]", f"w[{s + 2}]"
            first = {
                (r, w0, w, e): costs.of_block(
                    layout.block(s, 0, cin=layout.width_before(s, w0), width=w, expansion=e), sides[r]
                )
                for r, w0, w, e in product(RESOLUTIONS, widths, widths, EXPANSIONS)
            }
            yield Term(("r", before, width, f"e[{blocks[0]}]"), first)
            sides = {r: halve(side) if stage.stride == 2 else side for r, side in sides.items()}
            later = {
                (r, w, e): costs.of_block(
                    layout.block(s, 1, cin=layout.width_before(s + 1, w), width=w, expansion=e), sides[r]
                )
                for r, w, e in product(RESOLUTIONS, widths, EXPANSIONS)
            }
            for i in blocks[1:]:
                yield Term(("r", width, f"e[{i}]"), later)
        last = len(layout.stages)
        yield Term((f"w[{last + 1}]",), {(w,): costs.of_head(layout.width_before(last, w)) for w in widths})

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        builder, blocks = GraphBuilder(), self.layout.blocks(a)
        self._add_stem(builder, a)
        for shape, side in costs.with_sides(blocks, a["r"]):
            where = (shape.stage + 1, shape.index + 1, f"e{a['e'][shape.index]}")
            start = builder.last
            builder.chain(costs.shortcut(shape, side), *where)
            around, builder.last = builder.last, start
            assert around is not None
            builder.chain(costs.bottleneck(shape, side), *where)
            builder.join(around)
        builder.chain(costs.head(blocks[-1].cout), HEAD)
        return builder.graph

    def _add_stem(self, builder: GraphBuilder, a: Architecture) -> None:
        first, *residual, widen, pool = costs.stem(self.layout.stem(a), a["r"])
        builder.chain([first], STEM)
        start = builder.last
        assert start is not None
        if residual:
            builder.chain(residual, STEM)
            builder.join(start)
        builder.chain([widen, pool], STEM)

    def _complete(self, genotype: Mapping[str, Any], problems: list[str]) -> Mapping[str, Any]:
        completed = dict(genotype)
        for gene in ("d", "w"):
            values = genotype.get(gene)
            if is_list(values) and values and values[0] == _SAME_AS_LEAST and not isinstance(values[0], bool):
                completed[gene] = [0, *values[1:]]
        return completed

    def describe(self) -> str:
        stages, blocks = self.layout.stages, self.layout.stage_blocks
        base = ", ".join(str(stage.base_depth) for stage in stages)
        widths = ", ".join(map(str, (self.layout.stem_mid, self.layout.stem_out, *(s.width for s in stages))))
        return "\n".join(
            (
                f"OFA ResNet-50: a stem and {len(stages)} stages of bottleneck blocks, {self.size():.2g} different "
                "networks. A genotype is a JSON object with",
                f"`r`, one number; `d`, a list of {len(stages) + 1} depths, the stem's and one for each stage; `e`, a "
                f"list of {blocks[-1].stop} numbers, one for each block, stage after stage; `w`, a list of "
                f"{len(stages) + 2} width choices, two of the stem and one for each stage.",
                "",
                dimension_table(self.dimensions),
                "",
                f"Width choices 0, 1, 2 multiply the largest widths ({widths} channels) by "
                f"{', '.join(map(str, MULTIPLIERS))}; results are multiples of {self.layout.divisor}.",
                f"A stage runs its base depth ({base} blocks) and as many more as its `d` says.",
                *self._describe_stages(),
                "",
                "Every list must be complete: a block that does not act still has an entry; its value changes nothing.",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )

    def _describe_stages(self) -> list[str]:
        return [
            f"- stage {s + 1}: entries {blocks[0]} to {blocks[-1]} of `e`, `d[{s + 1}]`, `w[{s + 2}]`, "
            f"{'halves the side' if stage.stride == 2 else 'keeps the side'}"
            for s, (stage, blocks) in enumerate(zip(self.layout.stages, self.layout.stage_blocks, strict=True))
        ]


def _dimensions(layout: Layout) -> list[Dimension]:
    stages = len(layout.stages)
    stem_depths, stem_widths = _without_same(EXTRA_BLOCKS), _without_same(range(len(MULTIPLIERS)))
    return [
        Dimension(gene="r", index=None, choices=RESOLUTIONS, group="r", meaning="side of the input image in pixels"),
        Dimension(
            gene="d",
            index=0,
            choices=stem_depths,
            group="d stem",
            meaning="2: a residual convolution in the stem; 0: none",
        ),
        *(
            Dimension(
                gene="d",
                index=s + 1,
                choices=EXTRA_BLOCKS,
                group="d",
                meaning="blocks added to each stage's base depth",
            )
            for s in range(stages)
        ),
        *_expansions(layout),
        Dimension(
            gene="w", index=0, choices=stem_widths, group="w stem", meaning="width of the stem's first convolutions"
        ),
        *(
            Dimension(
                gene="w",
                index=i,
                choices=tuple(range(len(MULTIPLIERS))),
                group="w",
                meaning="width of the stem's output, then of each stage",
            )
            for i in range(1, stages + 2)
        ),
    ]


def _expansions(layout: Layout) -> list[Dimension]:
    dimensions = []
    for s, (stage, blocks) in enumerate(zip(layout.stages, layout.stage_blocks, strict=True)):
        group = f"e stage {s + 1}"
        meaning = f"expansion: channels inside over output channels, blocks 1 to {len(blocks)} of stage {s + 1}"
        for j, i in enumerate(blocks):
            extra = j - stage.base_depth + 1
            condition = (f"d[{s + 1}]", extra) if extra > 0 else None
            dimensions.append(
                Dimension(gene="e", index=i, choices=EXPANSIONS, group=group, meaning=meaning, acts_from=condition)
            )
    return dimensions


def _without_same(choices: Sequence[int]) -> tuple[int, ...]:
    return tuple(choice for choice in choices if choice != _SAME_AS_LEAST)
