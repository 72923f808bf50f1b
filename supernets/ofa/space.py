"""The OFA search space: resolution, depth of each stage, kernel and expansion of each block.

Blocks beyond a stage's depth do not act; canonically their kernel and expansion are the smallest choices.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import networkx as nx

from supernets.cost import Cost
from supernets.describe import dimension_table
from supernets.ofa.counting import CostTable
from supernets.ofa.graph import draw
from supernets.ofa.layout import DEPTHS, EXPANSIONS, KERNELS, RESOLUTIONS, Layout
from supernets.space import Architecture, Dimension, InvalidArchitecture, SearchSpace

Genes = dict[str, Any]
"""`{"r": int, "d": [int], "ks": [int], "e": [int]}` while a genotype is being worked on."""


class OFASpace(SearchSpace):
    """MobileNetV3 (widths 1.0 and 1.2) and ProxylessNAS (1.3) sub-networks: `{"r", "d", "ks", "e"}`."""

    def __init__(self, name: str, title: str, layout: Layout, paper_multiplier: float | None = None) -> None:
        self.name = name
        self.title = title
        self.layout = layout
        self._costs = CostTable(layout, paper_multiplier)
        self._stage_blocks = _stage_blocks(layout)
        self._depths = [DEPTHS if stage.max_depth > 1 else (1,) for stage in layout.stages]
        self._dimensions = self._make_dimensions()

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return self._dimensions

    def _make_dimensions(self) -> tuple[Dimension, ...]:
        dimensions = [Dimension("r", None, RESOLUTIONS, "r", "side of the input image in pixels")]
        for s, choices in enumerate(self._depths):
            # The one-block stage of ProxylessNAS has a range of its own, so a row of its own in descriptions.
            group = "d" if choices == DEPTHS else f"d stage {s + 1}"
            dimensions.append(Dimension("d", s, choices, group, "number of blocks that act in each stage"))
        for gene, gene_choices, meaning in (
            ("ks", KERNELS, "side of the depthwise kernel"),
            ("e", EXPANSIONS, "expansion: hidden channels over input channels"),
        ):
            for s, blocks in enumerate(self._stage_blocks):
                group, text = f"{gene} stage {s + 1}", f"{meaning}, blocks 1 to {len(blocks)} of stage {s + 1}"
                for j, i in enumerate(blocks):
                    condition = (f"d[{s}]", j + 1) if j >= min(self._depths[s]) else None
                    dimensions.append(Dimension(gene, i, gene_choices, group, text, condition))
        return tuple(dimensions)

    def size(self) -> int:
        per_block = len(KERNELS) * len(EXPANSIONS)
        return len(RESOLUTIONS) * math.prod(sum(int(per_block**d) for d in choices) for choices in self._depths)

    def parse(self, genotype: Mapping[str, Any]) -> Architecture:
        if not isinstance(genotype, Mapping):
            raise InvalidArchitecture([f"expected an object with keys r, d, ks, e; got {type(genotype).__name__}"])
        problems: list[str] = []
        unknown = sorted(str(key) for key in genotype if key not in ("r", "d", "ks", "e"))
        if unknown:
            problems.append(f"unknown keys {', '.join(unknown)}; expected r, d, ks, e")
        side = genotype.get("r")
        if isinstance(side, Sequence) and not isinstance(side, str) and len(side) == 1:
            side = side[0]
        _check_choice(problems, "r", side, RESOLUTIONS)
        genes: Genes = {"r": side}
        blocks = self.layout.blocks
        for name, choices in (("d", self._depths), ("ks", [KERNELS] * blocks), ("e", [EXPANSIONS] * blocks)):
            genes[name] = _check_list(problems, name, genotype.get(name), choices)
        if problems:
            raise InvalidArchitecture(problems)
        return self._canonical(genes)

    def genotype(self, a: Architecture) -> dict[str, Any]:
        return {"r": a["r"], **{name: list(a[name]) for name in ("d", "ks", "e")}}

    def active_blocks(self, a: Architecture) -> list[int]:
        """Indices of the blocks that act, in order."""
        return [i for d, blocks in zip(a["d"], self._stage_blocks, strict=True) for i in blocks[:d]]

    def active(self, a: Architecture) -> frozenset[str]:
        blocks = self.active_blocks(a)
        depths = (f"d[{s}]" for s in range(len(self._depths)))
        return frozenset(("r", *depths, *(f"{gene}[{i}]" for gene in ("ks", "e") for i in blocks)))

    def resolution(self, a: Architecture) -> int:
        side: int = a["r"]
        return side

    def sample(self, rng: random.Random) -> Architecture:
        return self._canonical(self._draw(lambda dimension: rng.choice(dimension.choices)))

    def mutate(self, a: Architecture, rng: random.Random, rate: float) -> Architecture:
        active = self.active(a)

        def draw(dimension: Dimension) -> Any:
            if dimension.label not in active or rng.random() < rate:
                return rng.choice(dimension.choices)
            return _value(a, dimension)

        return self._canonical(self._draw(draw))

    def crossover(self, a: Architecture, b: Architecture, rng: random.Random) -> Architecture:
        active = {id(parent): self.active(parent) for parent in (a, b)}

        def draw(dimension: Dimension) -> Any:
            parent, other = (a, b) if rng.random() < 0.5 else (b, a)
            # A gene that is silent in one parent is taken from the parent in which it has proved itself.
            if dimension.label not in active[id(parent)]:
                parent = other
            return _value(parent, dimension)

        return self._canonical(self._draw(draw))

    def smallest(self) -> Architecture:
        return self._canonical(self._draw(lambda dimension: min(dimension.choices)))

    def largest(self) -> Architecture:
        return self._canonical(self._draw(lambda dimension: max(dimension.choices)))

    def cost(self, a: Architecture) -> Cost:
        ks, e = a["ks"], a["e"]
        return self._costs.cost(a["r"], [(i, ks[i], e[i]) for i in self.active_blocks(a)])

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        inputs, acting = self.layout.block_inputs(), []
        for s, (depth, blocks) in enumerate(zip(a["d"], self._stage_blocks, strict=True), start=1):
            for i in blocks[:depth]:
                stage, cin, stride = inputs[i]
                acting.append((s, (i, a["ks"][i], a["e"][i]), stride == 1 and cin == stage.width))
        return draw(self._costs, a["r"], acting)

    def json_schema(self, low: int, high: int) -> dict[str, Any]:
        def integers(choices: Sequence[int], length: int) -> dict[str, Any]:
            item = {"type": "integer", "enum": list(choices)}
            return {"type": "array", "items": item, "minItems": length, "maxItems": length}

        depths = integers(DEPTHS, len(self._depths))
        if (1,) in self._depths:
            # The last stage of ProxylessNAS has one block: the list is a tuple of different ranges.
            depths = {
                **integers(DEPTHS, len(self._depths)),
                "prefixItems": [{"type": "integer", "enum": list(choices)} for choices in self._depths],
                "items": False,
            }
        properties = {
            "r": {"type": "integer", "enum": list(RESOLUTIONS)},
            "d": depths,
            "ks": integers(KERNELS, self.layout.blocks),
            "e": integers(EXPANSIONS, self.layout.blocks),
        }
        genotype = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        architectures = {"type": "array", "items": genotype, "minItems": low, "maxItems": high}
        return {
            "type": "object",
            "properties": {"architectures": architectures},
            "required": ["architectures"],
            "additionalProperties": False,
        }

    def describe(self) -> str:
        blocks, stages = self.layout.blocks, len(self.layout.stages)
        return "\n".join(
            (
                f"{self.title}: {stages} stages of inverted residual blocks after a fixed stem, {self.size():.2g} "
                "different networks. A genotype is a JSON object with",
                "`r`, one number; "
                f"`d`, a list of {stages} depths, one for each stage; "
                f"`ks` and `e`, lists of {blocks} numbers, one for each block, stage after stage.",
                "",
                dimension_table(self.dimensions),
                "",
                *self._describe_stages(),
                "",
                "Every list must be complete: a block that does not act still has an entry; its value changes nothing.",
                "Computation grows with r squared, with depth, with expansion, and a little with kernel size; "
                "parameters do not depend on r.",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )

    def _describe_stages(self) -> list[str]:
        lines, channels = [], self.layout.first
        for s, stage in enumerate(self.layout.stages):
            kind = f"{stage.activation}{', squeeze-and-excitation' if stage.squeeze else ''}"
            blocks = self._stage_blocks[s]
            lines.append(
                f"- stage {s + 1}: entries {blocks[0]} to {blocks[-1]}, {channels} to {stage.width} channels, "
                f"{'halves the side' if stage.stride == 2 else 'keeps the side'}, {kind}"
            )
            channels = stage.width
        return lines

    def _example(self) -> Architecture:
        return self._canonical(self._draw(lambda dimension: dimension.choices[len(dimension.choices) // 2]))

    def stage_blocks(self, stage: int) -> range:
        """Indices of all blocks of a stage, acting or not."""
        return self._stage_blocks[stage]

    def _draw(self, draw: Callable[[Dimension], Any]) -> Genes:
        genes: Genes = {"d": [], "ks": [], "e": []}
        for dimension in self._dimensions:
            value = draw(dimension)
            if dimension.index is None:
                genes[dimension.gene] = value
            else:
                genes[dimension.gene].append(value)
        return genes

    def _canonical(self, genes: Genes) -> Architecture:
        ks, e = list(genes["ks"]), list(genes["e"])
        for depth, blocks in zip(genes["d"], self._stage_blocks, strict=True):
            for i in blocks[depth:]:
                ks[i], e[i] = min(KERNELS), min(EXPANSIONS)
        ordered = (("d", tuple(genes["d"])), ("e", tuple(e)), ("ks", tuple(ks)), ("r", genes["r"]))
        return Architecture(self.name, ordered)


def _stage_blocks(layout: Layout) -> list[range]:
    ranges, start = [], 0
    for stage in layout.stages:
        ranges.append(range(start, start + stage.max_depth))
        start += stage.max_depth
    return ranges


def _value(a: Architecture, dimension: Dimension) -> Any:
    gene = a[dimension.gene]
    return gene if dimension.index is None else gene[dimension.index]


def _check_choice(problems: list[str], label: str, value: Any, choices: Sequence[int]) -> None:
    if type(value) is not int or value not in choices:
        problems.append(f"{label}: expected one of {', '.join(map(str, choices))}; got {_short(value)}")


def _check_list(problems: list[str], name: str, values: Any, choices: Sequence[Sequence[int]]) -> list[int]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        problems.append(f"{name}: expected a list of {len(choices)} integers; got {_short(values)}")
        return []
    if len(values) != len(choices):
        problems.append(f"{name}: expected {len(choices)} entries, got {len(values)}")
    for i, (value, allowed) in enumerate(zip(values, choices, strict=False)):
        _check_choice(problems, f"{name}[{i}]", value, allowed)
    return list(values)


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
