"""MACs, parameters and peak memory of OFA sub-networks, from the layout, by look-up.

There are two counts: the exact one of the deployed network, and the published one. OFA's papers, and those that search
its space, quote a table of a slightly different network (see `_PaperTable`); it is available as `paper_macs_m`, so that
limits can be set on either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supernets.families.ofa.layout import Layout, Stage, hidden_width, make_divisible, squeeze_width
from supernets.space.cost import Cost, Operator, conv, linear, totals
from supernets.space.memory import Execution

BlockChoice = tuple[int, int, int]
"""(block, kernel, expansion)"""


def halve(side: int) -> int:
    """Side after a stride-2 convolution with padding of half its kernel."""
    return (side + 1) // 2


def inverted_residual(
    cin: int, hidden: int, stage_width: int, side: int, kernel: int, stride: int, squeeze: bool, expand: bool = True
) -> list[Operator]:
    """Operators of one block that reads a square of `side`."""
    out = halve(side) if stride == 2 else side
    operators = [conv("expand", cin, hidden, side)] if expand else []
    operators.append(conv("depthwise", hidden, hidden, out, kernel, stride, groups=hidden))
    if squeeze:
        squeezed = squeeze_width(hidden)
        operators += [linear("squeeze", hidden, squeezed), linear("excite", squeezed, hidden)]
    operators.append(conv("project", hidden, stage_width, out))
    return operators


def inverted_residual_memory(operators: Sequence[Operator], cin: int, side: int, residual: bool) -> int:
    """Peak memory in bytes of one block that reads a square of `side`."""
    values = {op.operator: op.values for op in operators}
    block = Execution(cin * side**2)
    y = block.run(values["expand"], block.INPUT) if "expand" in values else block.INPUT
    y = block.run(values["depthwise"], y)
    if "squeeze" in values:
        pooled = block.run(values["excite"], y)
        gate = block.run(values["excite"], block.run(values["squeeze"], pooled))
        y = block.run(values["depthwise"], y, gate)
    y = block.run(values["project"], y)
    if residual:
        block.run(values["project"], block.INPUT, y)
    return block.peak()


class BlockCosts:
    """Sums costs of blocks, which are computed once for each resolution."""

    def __init__(self, layout: Layout, paper_multiplier: float | None) -> None:
        self._layout = layout
        self._inputs = layout.block_inputs()
        self._paper = None if paper_multiplier is None else _PaperTable(layout, paper_multiplier)
        self._entries: dict[int, dict[BlockChoice, tuple[int, int, int]]] = {}
        self._paper_entries: dict[int, dict[BlockChoice, int]] = {}
        self._fixed: dict[int, tuple[int, int, int, int]] = {}

    def stem(self, r: int) -> list[Operator]:
        side = halve(r)
        first = inverted_residual(
            self._layout.stem, self._layout.stem, self._layout.first, side, 3, 1, False, expand=False
        )
        return [conv("stem", 3, self._layout.stem, side, 3, 2), *first]

    def head(self, r: int, classes: int = 1000) -> list[Operator]:
        layout, width, side = self._layout, self._layout.stages[-1].width, self._side_after(r)
        operators = []
        if layout.final_expand is not None:
            operators.append(conv("final expand", width, layout.final_expand, side))
            width = layout.final_expand
        mix_side = 1 if layout.mix_after_pool else side
        operators.append(conv("feature mix", width, layout.mix, mix_side, bn=not layout.mix_after_pool))
        return [*operators, linear("classifier", layout.mix, classes)]

    def block(self, r: int, choice: BlockChoice) -> list[Operator]:
        """Operators of one elastic block at input resolution `r`."""
        i, kernel, expansion = choice
        stage, cin, stride = self._inputs[i]
        hidden = hidden_width(cin, expansion)
        return inverted_residual(cin, hidden, stage.width, self._side_before(r, i), kernel, stride, stage.squeeze)

    def ends(self, r: int) -> Cost:
        """Cost of stem and head."""
        return self.cost(r, [])

    def of_block(self, r: int, choice: BlockChoice) -> Cost:
        """Cost of one elastic block."""
        self.cost(r, [choice])
        macs, params, memory = self._entries[r][choice]
        paper = self._paper_entries[r][choice] / 1e6 if self._paper else None
        return Cost(macs=macs, params=params, paper_macs_m=paper, memory_mb=memory / 1e6)

    def cost(self, r: int, blocks: Iterable[BlockChoice]) -> Cost:
        if r not in self._fixed:
            self._fill(r)
        entries, paper_entries = self._entries[r], self._paper_entries[r]
        macs, params, memory, paper = self._fixed[r]
        for choice in blocks:
            if choice not in entries:
                self._fill_block(r, choice)
            block_macs, block_params, block_memory = entries[choice]
            macs += block_macs
            params += block_params
            if block_memory > memory:
                memory = block_memory
            if paper_entries:
                paper += paper_entries[choice]
        return Cost(macs=macs, params=params, paper_macs_m=paper / 1e6 if self._paper else None, memory_mb=memory / 1e6)

    def _fill(self, r: int) -> None:
        macs, params = totals([*self.stem(r), *self.head(r)])
        memory = max(self._stem_memory(r), self._head_memory(r))
        self._entries[r], self._paper_entries[r] = {}, {}
        self._fixed[r] = (macs, params, memory, self._paper.fixed(r) if self._paper else 0)

    def _stem_memory(self, r: int) -> int:
        first_conv, *first_block = self.stem(r)
        image, residual = Execution(3 * r**2), self._layout.stem == self._layout.first
        image.run(first_conv.values, image.INPUT)
        return max(image.peak(), inverted_residual_memory(first_block, first_conv.channels, first_conv.side, residual))

    def _head_memory(self, r: int) -> int:
        *expand, mix, classifier = self.head(r)
        side = self._side_after(r)
        head = Execution(self._layout.stages[-1].width * side**2)
        y, channels = head.INPUT, self._layout.stages[-1].width
        if expand:
            y, channels = head.run(expand[0].values, y), expand[0].channels
        if self._layout.mix_after_pool:
            y = head.run(mix.values, head.run(channels, y))
        else:
            y = head.run(mix.channels, head.run(mix.values, y))
        head.run(classifier.values, y)
        return head.peak()

    def _fill_block(self, r: int, choice: BlockChoice) -> None:
        operators, (stage, cin, stride) = self.block(r, choice), self._inputs[choice[0]]
        side, residual = self._side_before(r, choice[0]), stride == 1 and cin == stage.width
        self._entries[r][choice] = (*totals(operators), inverted_residual_memory(operators, cin, side, residual))
        if self._paper:
            self._paper_entries[r][choice] = self._paper.block(r, choice)

    def _side_before(self, r: int, block: int) -> int:
        side = halve(r)
        for _, _, stride in self._inputs[:block]:
            side = halve(side) if stride == 2 else side
        return side

    def _side_after(self, r: int) -> int:
        return self._side_before(r, len(self._inputs))


class _PaperTable:
    """The FLOPs table of OFA's tutorial, which the literature quotes for MobileNetV3 (its FLOPs are MACs).

    It differs from the real network: widths are rounded to integers instead of multiples of 8, the width
    multiplier also widens the input image (4 channels at 1.2) and the classes (1200), sides are integer
    divisions of the resolution, batch norm counts 4 per element, and the last mixing layer has one.
    """

    _BASE = (16, 24, 40, 80, 112, 160)
    _BASE_FINAL_EXPAND, _BASE_MIX, _BASE_IMAGE, _BASE_CLASSES = 960, 1280, 3, 1000

    def __init__(self, layout: Layout, multiplier: float) -> None:
        self._scale = multiplier
        first, *widths = (self._scaled(c) for c in self._BASE)
        self._first = first
        self._blocks: list[tuple[Stage, int, int, int, int]] = []
        channels, division = first, 2
        for stage, width in zip(layout.stages, widths, strict=True):
            for j in range(stage.max_depth):
                stride = stage.stride if j == 0 else 1
                self._blocks.append((stage, channels, width, division, stride))
                channels, division = width, division * stride
        self._last, self._last_division = channels, division

    def _scaled(self, channels: int) -> int:
        return round(channels * self._scale)

    def fixed(self, r: int) -> int:
        """Stem, first block and head."""
        area, first = (r // 2) ** 2, self._first
        stem = _conv_bn(self._scaled(self._BASE_IMAGE), first, 3, area)
        block = _conv_bn(1, first, 3, area) + _conv_bn(first, first, 1, area)
        expanded, mixed = self._scaled(self._BASE_FINAL_EXPAND), self._scaled(self._BASE_MIX)
        head = _conv_bn(self._last, expanded, 1, (r // self._last_division) ** 2) + _conv_bn(expanded, mixed, 1, 1)
        return stem + block + head + mixed * self._scaled(self._BASE_CLASSES)

    def block(self, r: int, choice: BlockChoice) -> int:
        i, kernel, expansion = choice
        stage, cin, cout, division, stride = self._blocks[i]
        hidden, side = cin * expansion, r // division
        # The table rounds a block's output side up, but the next block's input side down.
        before_area, after_area = side**2, (halve(side) if stride == 2 else side) ** 2
        gate = 2 * hidden * make_divisible(hidden // 4) if stage.squeeze else 0
        return (
            _conv_bn(cin, hidden, 1, before_area)
            + _conv_bn(1, hidden, kernel, after_area)
            + gate
            + _conv_bn(hidden, cout, 1, after_area)
        )


def _conv_bn(cin_per_group: int, cout: int, kernel: int, area: int) -> int:
    return (cin_per_group * kernel * kernel + 4) * cout * area
