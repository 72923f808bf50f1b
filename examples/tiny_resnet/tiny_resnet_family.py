"""A family of one's own: an elastic ResNet for images of 32 pixels. `docs/your-supernet.md` goes through this file.

The search decides, in each of three stages, the number of blocks, and for each block the kernel of its first
convolution and its hidden channels. Smaller choices are slices of the largest: the first blocks, the first
channels, the middle of the kernel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import networkx as nx
import torch
from tiny_resnet_network import Block, Head, Stem
from torch import nn

from supernets.evaluate.protocol import Calibration
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Recipe, Scale
from supernets.images.preprocessing import Preprocessing
from supernets.network.plain import PlainNetwork
from supernets.network.supernet import Step, Supernet, tensors_of
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost, Operator, conv, linear, totals
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.space import SearchSpace

SIDE, WIDTHS, MOST = 32, (16, 32, 64), 3
DEPTHS, KERNELS, EXPANSIONS = (1, 2, 3), (3, 5), (0.5, 1.0, 2.0)

# What is searched, and what it costs


def dimensions() -> Iterator[Dimension]:
    for stage in range(len(WIDTHS)):
        yield Dimension(gene="d", index=stage, choices=DEPTHS, group="d", meaning="blocks of the stage")
    for gene, choices, meaning in (
        ("k", KERNELS, "kernel of the block's first convolution"),
        ("e", EXPANSIONS, "hidden channels of the block, as a multiple of its stage's width"),
    ):
        for stage in range(len(WIDTHS)):
            for i in range(MOST):
                acts_from = (f"d[{stage}]", i + 1) if i else None  # the first block is always there
                yield Dimension(
                    gene=gene, index=stage * MOST + i, choices=choices, group=f"{gene} {stage}", meaning=meaning,
                    acts_from=acts_from,
                )  # fmt: skip


def block_shape(index: int, kernel: int, expansion: float, width: float = 1.0) -> dict[str, int]:
    """Arguments of `Block` for the block of an index from 0 to 8."""
    stage, i = divmod(index, MOST)
    widths = [max(4, round(width * channels)) for channels in WIDTHS]
    cin, cout = widths[max(0, stage - 1) if i == 0 else stage], widths[stage]
    return {
        "cin": cin, "hidden": max(2, round(cout * expansion)), "cout": cout, "kernel": kernel,
        "stride": 2 if i == 0 and stage else 1,
    }  # fmt: skip


def block_operators(index: int, kernel: int, expansion: float) -> tuple[list[Operator], list[Operator]]:
    """The two convolutions of a block, and its shortcut, empty for an identity."""
    shape, side = block_shape(index, kernel, expansion), SIDE >> index // MOST
    cin, hidden, cout, stride = (shape[name] for name in ("cin", "hidden", "cout", "stride"))
    main = [conv("conv1", cin, hidden, side, kernel, stride), conv("conv2", hidden, cout, side, 3)]
    return main, [] if cin == cout else [conv("shortcut", cin, cout, side, 1, stride, bn=False)]


def stem_operators() -> list[Operator]:
    return [conv("stem", 3, WIDTHS[0], SIDE, 3)]


def head_operators(classes: int = 1000) -> list[Operator]:
    """Costs are those of a thousand classes, as for the other families."""
    return [linear("classifier", WIDTHS[-1], classes)]


class TinyResNetSpace(SearchSpace):
    """`{"d": [3 of 1..3], "k": [9 of 3, 5], "e": [9 of 0.5, 1, 2]}`."""

    def __init__(self) -> None:
        super().__init__("tiny-resnet", list(dimensions()))

    def resolution(self, a: Architecture) -> int:
        return SIDE

    def blocks(self, a: Architecture) -> list[int]:
        """Indices of the blocks that `a` has."""
        return [stage * MOST + i for stage, depth in enumerate(a["d"]) for i in range(depth)]

    def count(self, a: Architecture) -> Cost:
        operators = [*stem_operators(), *head_operators()]
        for index in self.blocks(a):
            main, shortcut = block_operators(index, a["k"][index], a["e"][index])
            operators += [*main, *shortcut]
        macs, params = totals(operators)
        return Cost(macs=macs, params=params)

    def _terms(self) -> Iterator[Term]:
        yield Term((), {(): _cost([*stem_operators(), *head_operators()])})
        for index in range(len(WIDTHS) * MOST):
            costs = {}
            for kernel, expansion in product(KERNELS, EXPANSIONS):
                main, shortcut = block_operators(index, kernel, expansion)
                costs[kernel, expansion] = _cost([*main, *shortcut])
            yield Term((f"k[{index}]", f"e[{index}]"), costs)

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        builder = GraphBuilder()
        builder.chain(stem_operators(), STEM)
        for index in self.blocks(a):
            (stage, i), kernel, expansion = divmod(index, MOST), a["k"][index], a["e"][index]
            main, shortcut = block_operators(index, kernel, expansion)
            start, place = builder.last, (stage + 1, i + 1, f"k{kernel} e{expansion:g}")
            assert start is not None
            builder.chain(main, *place)
            if shortcut:
                end = builder.last
                assert end is not None
                builder.last = start
                builder.chain(shortcut, *place)
                start = end
            builder.join(start)
        builder.chain(head_operators(), HEAD)
        return builder.graph

    def describe(self) -> str:
        return "\n".join(
            (
                f"Elastic ResNet for {SIDE}-pixel images: three stages of {', '.join(map(str, WIDTHS))} channels with "
                f"residual blocks of two convolutions, {self.size():.2g} different networks. A genotype is a JSON "
                "object with `d`, the blocks of each stage, and `k` and `e`, lists with three entries for each stage.",
                "",
                dimension_table(self.dimensions),
                "",
                "Entries of blocks beyond a stage's depth change nothing.",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )


def _cost(operators: list[Operator]) -> Cost:
    macs, params = totals(operators)
    return Cost(macs=macs, params=params)


# The network that shares its weights


class TinyResNetSupernet(Supernet):
    """The largest network, whose slices are all others."""

    def __init__(self, space: TinyResNetSpace, width: float, classes: int) -> None:
        super().__init__()
        self.space: TinyResNetSpace = space
        self.width, self.classes = width, classes
        first, last = block_shape(0, 3, 1.0, width)["cin"], block_shape(8, 3, 1.0, width)["cout"]
        self.stem = Stem(first)
        shapes = [block_shape(index, KERNELS[-1], EXPANSIONS[-1], width) for index in range(9)]
        self.blocks = nn.ModuleList(Block(**shape) for shape in shapes)
        self.head = Head(last, classes)

    def path(self, a: Architecture) -> list[Step]:
        steps = [Step("stem", template(Stem, len(self.stem.norm.weight)), tensors_of(self.stem))]
        steps += [self._step(index, a["k"][index], a["e"][index]) for index in self.space.blocks(a)]
        head = template(Head, self.head.classifier.in_features, self.classes)
        return [*steps, Step("head", head, tensors_of(self.head))]

    def _step(self, index: int, kernel: int, expansion: float) -> Step:
        shape = block_shape(index, kernel, expansion, self.width)
        hidden, edge, state = shape["hidden"], (KERNELS[-1] - kernel) // 2, tensors_of(self.blocks[index])
        middle = slice(edge, edge + kernel)
        state["conv1.weight"] = state["conv1.weight"][:hidden, :, middle, middle]
        state["conv2.weight"] = state["conv2.weight"][:, :hidden]
        for name, tensor in state.items():
            if name.startswith("norm1.") and tensor.ndim:  # the counter of batches has no channels
                state[name] = tensor[:hidden]
        return Step((index, kernel, expansion), template(Block, *shape.values()), state)


@cache
def template(layer: type[nn.Module], *shape: int) -> nn.Module:
    """A layer without memory, in which steps run their slices."""
    with torch.device("meta"):
        return layer(*shape)


# What the program is told of them


def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
    assert isinstance(space, TinyResNetSpace)
    return TinyResNetSupernet(space, 1.0 if scale.width is None else scale.width, classes)


def plain_network(net: Supernet, a: Architecture) -> PlainNetwork:
    assert isinstance(net, TinyResNetSupernet)
    blocks = [block_shape(index, a["k"][index], a["e"][index], net.width) for index in net.space.blocks(a)]
    arguments = {
        "stem": {"width": blocks[0]["cin"]},
        "blocks": blocks,
        "head": {"width": blocks[-1]["cout"], "classes": net.classes},
    }
    return PlainNetwork("tiny_resnet_network", arguments)


TINY_RESNET = SupernetFamily(
    name="tiny-resnet",
    space=TinyResNetSpace,
    build=build,
    translate=lambda name: name,  # weights have our own names
    default_limits={"macs_m": 30},
    preprocessing=Preprocessing(),
    calibration=lambda divisor: Calibration("average", images=500, batch=250),
    pocket=Scale(),
    recipe=Recipe(sandwich_epochs=6, random_epochs=2, sandwich_learning_rate=4e-3),
    plain_network=plain_network,
)
