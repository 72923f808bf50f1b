"""The parts of NAS-Bench-201's networks: operations, edges of a cell, and the skeleton around the cells.

Three stages of five cells with 16, 32 and 64 channels; a residual block halves the side between stages. Every network
is a 3x3 stem, the stages, and a linear layer on pooled features (Dong and Yang, ICLR 2020).
"""

from __future__ import annotations

from dataclasses import dataclass

from supernets.space.cost import Operator, conv, linear

OPERATIONS = {
    "none": "none", "skip": "skip_connect", "1x1": "nor_conv_1x1", "3x3": "nor_conv_3x3", "pool": "avg_pool_3x3"
}  # fmt: skip
"""The names of operations here and in the benchmark, in the benchmark's order."""
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""(from, to) in the order of a cell string; node 0 is the cell's input, node 3 its output."""
OUTPUT = 3
CHANNELS = (16, 32, 64)
CELLS = 5
"""Number of cells in a stage."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One of the three data sets."""

    title: str
    classes: int
    side: int
    """Side of the images in pixels."""
    validation: int
    """Number of images of a validation accuracy."""
    test: int
    """Number of images of a test accuracy."""


DATASETS = {
    "cifar10": DataSet(title="CIFAR-10", classes=10, side=32, validation=25_000, test=10_000),
    "cifar100": DataSet(title="CIFAR-100", classes=100, side=32, validation=5_000, test=5_000),
    "imagenet16-120": DataSet(title="ImageNet16-120", classes=120, side=16, validation=3_000, test=3_000),
}


def live_edges(cell: tuple[str, ...]) -> list[int]:
    """Positions of the edges on a path from the cell's input to its output.

    Other edges carry zeros, a constant, or unused values, and are not in the deployed network.
    """
    open_edges = [(start, end) for (start, end), word in zip(EDGES, cell, strict=True) if word != "none"]
    reached, useful = {0}, {OUTPUT}
    # Edges are sorted by their end, so one pass in each direction is enough.
    for start, end in open_edges:
        if start in reached:
            reached.add(end)
    for start, end in sorted(open_edges, reverse=True):
        if end in useful:
            useful.add(start)
    return [
        i
        for i, (edge, word) in enumerate(zip(EDGES, cell, strict=True))
        if word != "none" and edge[0] in reached and edge[1] in useful
    ]


def operation(word: str, channels: int, side: int) -> Operator:
    """The operation of an edge; operations without weights cost nothing."""
    if word in ("1x1", "3x3"):
        return conv("conv", channels, channels, side, int(word[0]))
    return Operator(operator=word, channels=channels, side=side, kernel=3 if word == "pool" else 0, params=0)


def stem(side: int) -> list[Operator]:
    return [conv("stem", 3, CHANNELS[0], side, 3)]


def reduction(inputs: int, outputs: int, side: int) -> list[Operator]:
    """The residual block with outputs of `side`: two 3x3 convolutions, and pooling and 1x1 beside them."""
    return [
        conv("reduce", inputs, outputs, side, 3, 2),
        conv("reduce", outputs, outputs, side, 3),
        conv("shortcut", inputs, outputs, side, bn=False),
    ]


def head(classes: int) -> list[Operator]:
    channels = CHANNELS[-1]
    return [
        Operator(operator="norm", channels=channels, side=1, kernel=0, params=2 * channels),
        linear("classifier", channels, classes),
    ]
