"""MACs, parameters and peak memory of OFA ResNet-50 sub-networks, as operators from the shapes of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from supernets.families.ofa.cost import halve
from supernets.families.ofa_resnet50.layout import BlockShape, StemShape
from supernets.space.cost import Cost, Operator, conv, linear, totals
from supernets.space.memory import Execution


def stem(shape: StemShape, r: int) -> list[Operator]:
    """First convolution, residual convolution if there is one, last convolution, pooling."""
    side = halve(r)
    return [
        conv("stem", 3, shape.mid, side, 3, 2),
        *([conv("stem residual", shape.mid, shape.mid, side, 3)] if shape.residual else []),
        conv("stem widen", shape.mid, shape.out, side, 3),
        Operator(operator="max pool", channels=shape.out, side=halve(side), kernel=3, stride=2),
    ]


def bottleneck(shape: BlockShape, side: int) -> list[Operator]:
    """The three convolutions of a block that reads a square of `side`."""
    return [
        conv("reduce", shape.cin, shape.mid, side),
        conv("bottleneck", shape.mid, shape.mid, _after(shape, side), 3, shape.stride),
        conv("expand", shape.mid, shape.cout, _after(shape, side)),
    ]


def shortcut(shape: BlockShape, side: int) -> list[Operator]:
    """The operators of a block's shortcut: pooling and projection in the first block of a stage, else none."""
    if not shape.first:
        return []
    out = _after(shape, side)
    pool = (
        [Operator(operator="average pool", channels=shape.cin, side=out, kernel=shape.stride, stride=shape.stride)]
        if shape.stride > 1
        else []
    )
    return [*pool, conv("project", shape.cin, shape.cout, out)]


def head(width: int, classes: int = 1000) -> list[Operator]:
    return [linear("classifier", width, classes)]


def with_sides(blocks: Sequence[BlockShape], r: int) -> Iterator[tuple[BlockShape, int]]:
    """Each block with the side of its input, at input resolution `r`."""
    side = halve(halve(r))
    for shape in blocks:
        yield shape, side
        side = _after(shape, side)


def cost(stem_shape: StemShape, blocks: Sequence[BlockShape], r: int) -> Cost:
    """Exact cost of a sub-network with 1000 classes."""
    counts = [_ends(stem_shape, r, blocks[-1].cout)]
    counts += [_block(shape, side) for shape, side in with_sides(blocks, r)]
    macs, params, memory = zip(*counts, strict=True)
    return Cost(macs=sum(macs), params=sum(params), memory_mb=max(memory) / 1e6)


def stem_memory(shape: StemShape, r: int) -> int:
    """Peak memory in bytes of the stem."""
    first, *residual, widen, pool = stem(shape, r)
    execution = Execution(3 * r**2)
    y = execution.run(first.values, execution.INPUT)
    if residual:
        y = execution.run(first.values, y, execution.run(residual[0].values, y))
    execution.run(pool.values, execution.run(widen.values, y))
    return execution.peak()


def block_memory(shape: BlockShape, side: int) -> int:
    """Peak memory in bytes of a block that reads a square of `side`: first the bottleneck runs, then the shortcut."""
    block = Execution(shape.cin * side**2)
    y = around = block.INPUT
    for op in bottleneck(shape, side):
        y = block.run(op.values, y)
    for op in shortcut(shape, side):
        around = block.run(op.values, around)
    block.run(shape.cout * _after(shape, side) ** 2, y, around)
    return block.peak()


def of_stem(shape: StemShape, r: int) -> Cost:
    macs, params = totals(stem(shape, r))
    return Cost(macs=macs, params=params, memory_mb=stem_memory(shape, r) / 1e6)


def of_block(shape: BlockShape, side: int) -> Cost:
    macs, params, memory = _block(shape, side)
    return Cost(macs=macs, params=params, memory_mb=memory / 1e6)


def of_head(width: int) -> Cost:
    """Cost of the head, without its memory, which is always less than that of the blocks."""
    macs, params = totals(head(width))
    return Cost(macs=macs, params=params)


@cache
def _ends(shape: StemShape, r: int, width: int) -> tuple[int, int, int]:
    """MACs, parameters and peak memory of the stem; the head, which holds less, adds to the first two."""
    return (*totals((*stem(shape, r), *head(width))), stem_memory(shape, r))


@cache
def _block(shape: BlockShape, side: int) -> tuple[int, int, int]:
    return (*totals((*bottleneck(shape, side), *shortcut(shape, side))), block_memory(shape, side))


def _after(shape: BlockShape, side: int) -> int:
    return halve(side) if shape.stride == 2 else side
