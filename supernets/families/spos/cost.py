"""MACs and parameters of one-shot ShuffleNetV2 sub-networks; they are sums over positions.

Parameters count a scale and a shift for each batch norm: the released supernet has none, the networks that are
deployed (retrained, or with batch norm folded) do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from supernets.families.spos.layout import CHOICES, KERNELS, RESOLUTION, XCEPTION, Block, Layout
from supernets.space.cost import Cost, Operator, conv


class CostTable:
    """Costs by look-up of (position, choice)."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._sides = [side for _, side in _with_sides(layout.blocks())]
        self._entries = [
            [_total(operators(block, choice, side)) for choice in CHOICES]
            for block, side in _with_sides(layout.blocks())
        ]
        self._fixed = _total([*self.stem(), *self.head()])

    def macs(self, position: int, choice: int) -> int:
        return self._entries[position][choice][0]

    def bound(self, extreme: Callable[[Iterable[int]], int]) -> Cost:
        """The `min` or `max` of each count over all sub-networks."""
        macs, params = self._fixed
        for entries in self._entries:
            macs += extreme(entry[0] for entry in entries)
            params += extreme(entry[1] for entry in entries)
        return Cost(macs, params)

    def stem(self) -> list[Operator]:
        return [conv("stem", 3, self._layout.stem, RESOLUTION // 2, 3, 2)]

    def head(self, classes: int = 1000) -> list[Operator]:
        side, last = self._sides[-1], self._layout.last
        classifier = Operator("classifier", classes, 1, 1, 1, last * classes, last * classes)
        return [conv("last", self._layout.stages[-1], last, side), classifier]

    def block(self, position: int, choice: int) -> list[Operator]:
        return operators(self._layout.blocks()[position], choice, self._sides[position])

    def cost(self, choices: Sequence[int]) -> Cost:
        macs, params = self._fixed
        for entries, choice in zip(self._entries, choices, strict=True):
            macs += entries[choice][0]
            params += entries[choice][1]
        return Cost(macs, params)


def operators(block: Block, choice: int, side: int) -> list[Operator]:
    """The unit `choice` of a block that leaves a square of `side`: its main branch, then its projection if any."""
    cin, mid, out, stride = block.main_inputs, block.mid, block.main_outputs, block.stride
    before = side * stride
    if choice == XCEPTION:
        main = [
            conv("depthwise", cin, cin, side, 3, stride, groups=cin),
            conv("pointwise", cin, mid, side),
            conv("depthwise", mid, mid, side, 3, groups=mid),
            conv("pointwise", mid, mid, side),
            conv("depthwise", mid, mid, side, 3, groups=mid),
            conv("pointwise", mid, out, side),
        ]
    else:
        main = [
            conv("pointwise", cin, mid, before),
            conv("depthwise", mid, mid, side, KERNELS[choice], stride, groups=mid),
            conv("pointwise", mid, out, side),
        ]
    return main + (projection(block, choice, side) if stride == 2 else [])


def projection(block: Block, choice: int, side: int) -> list[Operator]:
    """The second branch of a block with stride 2; its kernel is that of the main branch."""
    cin = block.inputs
    return [
        conv("depthwise", cin, cin, side, KERNELS.get(choice, 3), 2, groups=cin),
        conv("pointwise", cin, cin, side),
    ]


def _with_sides(blocks: Sequence[Block]) -> list[tuple[Block, int]]:
    sides, side = [], RESOLUTION // 2
    for block in blocks:
        side //= block.stride
        sides.append((block, side))
    return sides


def _total(counted: Sequence[Operator]) -> tuple[int, int]:
    return sum(op.macs for op in counted), sum(op.params for op in counted)
