from __future__ import annotations

import pytest
from torch import nn

from supernets.families.ofa_resnet50.cost import bottleneck, cost, head, shortcut, stem, with_sides
from supernets.families.ofa_resnet50.layout import BlockShape, StemShape, resnet50
from supernets.families.ofa_resnet50.model import Bottleneck, Stem
from supernets.families.registry import get_space
from supernets.space.cost import totals
from tests.supernets.families.golden import count_macs


@pytest.mark.parametrize("residual", [False, True])
def test_a_stem_has_the_counts_of_its_module(residual: bool) -> None:
    module = Stem(8, 16, residual)
    macs, params = totals(stem(StemShape(8, 16, residual), 160))
    assert (macs, params) == (count_macs(module, 160), sum(p.numel() for p in module.parameters()))


@pytest.mark.parametrize(("stride", "first"), [(1, True), (2, True), (1, False)])
def test_a_block_has_the_counts_of_its_module(stride: int, first: bool) -> None:
    cout = 12 if first else 3
    shape = BlockShape(index=0, stage=0, cin=3, mid=8, cout=cout, stride=stride, first=first)
    module: nn.Module = Bottleneck(cin=3, mid=8, cout=cout, stride=stride, first=first)
    macs, params = totals([*bottleneck(shape, 160), *shortcut(shape, 160)])
    assert (macs, params) == (count_macs(module, 160), sum(p.numel() for p in module.parameters()))


def test_a_cost_is_the_sum_of_its_operators() -> None:
    layout, a = resnet50(), get_space("ofa-resnet50").smallest()
    blocks = layout.blocks(a)
    operators = [*stem(layout.stem(a), 128), *head(blocks[-1].cout)]
    for shape, side in with_sides(blocks, 128):
        operators += [*bottleneck(shape, side), *shortcut(shape, side)]
    found = cost(layout.stem(a), blocks, 128)
    assert (found.macs, found.params) == totals(operators)
    assert [side for _, side in with_sides(blocks, 128)][-1] == 4
