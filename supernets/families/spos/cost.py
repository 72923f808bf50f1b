"""MACs, parameters and peak memory of one-shot ShuffleNetV2 sub-networks, looked up for each position.

Parameters include a scale and a shift for each batch norm: the released supernet has none, but deployed networks
(retrained, or with folded batch norm) have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from supernets.families.spos.layout import CHOICES, KERNELS, RESOLUTION, XCEPTION, Block, Layout
from supernets.space.cost import Cost, Operator, conv, totals
from supernets.space.memory import Execution


class UnitCosts:
    """Sums costs of units, which are looked up by position and choice."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._sides = [side for _, side in _with_sides(layout.blocks())]
        self._entries = [
            [(*totals(operators(block, choice, side)), unit_memory(block, choice, side)) for choice in CHOICES]
            for block, side in _with_sides(layout.blocks())
        ]
        self._fixed = (*totals([*self.stem(), *self.head()]), self._ends_memory())

    def macs(self, position: int, choice: int) -> int:
        return self._entries[position][choice][0]

    def ends(self) -> Cost:
        """Cost of stem and head."""
        return _cost(*self._fixed)

    def of_unit(self, position: int, choice: int) -> Cost:
        return _cost(*self._entries[position][choice])

    def bound(self, extreme: Callable[[Iterable[int]], int]) -> Cost:
        """The `min` or `max` of each count over all sub-networks."""
        macs, params, memory = self._fixed
        for entries in self._entries:
            macs += extreme(entry[0] for entry in entries)
            params += extreme(entry[1] for entry in entries)
            memory = max(memory, extreme(entry[2] for entry in entries))
        return _cost(macs, params, memory)

    def stem(self) -> list[Operator]:
        return [conv("stem", 3, self._layout.stem, RESOLUTION // 2, 3, 2)]

    def head(self, classes: int = 1000) -> list[Operator]:
        side, last = self._sides[-1], self._layout.last
        classifier = Operator(
            operator="classifier", channels=classes, side=1, macs=last * classes, params=last * classes
        )
        return [conv("last", self._layout.stages[-1], last, side), classifier]

    def block(self, position: int, choice: int) -> list[Operator]:
        return operators(self._layout.blocks()[position], choice, self._sides[position])

    def cost(self, choices: Sequence[int]) -> Cost:
        macs, params, memory = self._fixed
        for entries, choice in zip(self._entries, choices, strict=True):
            unit_macs, unit_params, unit_memory = entries[choice]
            macs += unit_macs
            params += unit_params
            if unit_memory > memory:
                memory = unit_memory
        return _cost(macs, params, memory)

    def _ends_memory(self) -> int:
        """Peak memory in bytes of stem and head."""
        (first,), (last, classifier) = self.stem(), self.head()
        stem, head = Execution(3 * RESOLUTION**2), Execution(self._layout.stages[-1] * last.side**2)
        stem.run(first.values, stem.INPUT)
        pooled = head.run(last.channels, head.run(last.values, head.INPUT))
        head.run(classifier.values, pooled)
        return max(stem.peak(), head.peak())


def _cost(macs: int, params: int, memory: int) -> Cost:
    return Cost(macs=macs, params=params, memory_mb=memory / 1e6)


def operators(block: Block, choice: int, side: int) -> list[Operator]:
    """The unit `choice` of a block with outputs of `side`: its main branch, then its projection if it has one."""
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


def unit_memory(block: Block, choice: int, side: int) -> int:
    """Peak memory in bytes of the unit `choice` of a block that leaves a square of `side`.

    At stride 1 both halves of the input are views of it, so all of it is alive until they are concatenated. At stride 2
    the projection runs first.
    """
    counted = operators(block, choice, side)
    around = projection(block, choice, side) if block.stride == 2 else []
    unit = Execution(block.inputs * (side * block.stride) ** 2)
    passed = y = unit.INPUT
    for op in around:
        passed = unit.run(op.values, passed)
    for op in counted[: len(counted) - len(around)]:
        y = unit.run(op.values, y)
    unit.run(block.outputs * side**2, passed, y)
    return unit.peak()


def _with_sides(blocks: Sequence[Block]) -> list[tuple[Block, int]]:
    sides, side = [], RESOLUTION // 2
    for block in blocks:
        side //= block.stride
        sides.append((block, side))
    return sides
