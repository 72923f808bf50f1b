from __future__ import annotations

import pytest
import torch
from torch import nn

from supernets.families.spos.cost import UnitCosts, operators, projection
from supernets.families.spos.layout import CHOICES, Block, shufflenet
from supernets.families.spos.model import Unit
from supernets.space.cost import totals


def counted(module: nn.Module, x: torch.Tensor) -> tuple[int, int]:
    """MACs by watching convolutions, and parameters with a scale and a shift for each batch norm."""
    macs = 0

    def watch(conv: nn.Conv2d, inputs: object, output: torch.Tensor) -> None:
        nonlocal macs
        macs += conv.weight[0].numel() * output[0].numel()

    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    for conv in module.modules():
        if isinstance(conv, nn.Conv2d):
            conv.register_forward_hook(watch)
    module.eval()(x)
    return macs, sum(p.numel() for p in module.parameters()) + sum(2 * norm.num_features for norm in norms)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(
    "block",
    [Block(stage=1, inputs=16, outputs=16, stride=1), Block(stage=1, inputs=8, outputs=24, stride=2)],
    ids=["stride 1", "stride 2"],
)
def test_a_unit_has_the_counts_of_its_module(choice: int, block: Block) -> None:
    side = 6
    x = torch.zeros(1, block.inputs, side * block.stride, side * block.stride)
    assert totals(operators(block, choice, side)) == counted(Unit(block, choice), x)
    assert block.stride == 1 or projection(block, choice, side)[0].kernel == {1: 5, 2: 7}.get(choice, 3)


def test_bounds_are_those_of_each_count_by_itself() -> None:
    table = UnitCosts(shufflenet(1.0))
    low, high = table.bound(min), table.bound(max)
    for choice in CHOICES:
        cost = table.cost([choice] * 20)
        assert low.macs <= cost.macs <= high.macs
        assert low.params <= cost.params <= high.params
    cheapest = [min(CHOICES, key=lambda choice: table.macs(i, choice)) for i in range(20)]
    assert table.cost(cheapest).macs == low.macs


def test_a_cost_is_the_sum_of_its_operators() -> None:
    table, choices = UnitCosts(shufflenet(1.0)), [0, 1, 2, 3] * 5
    parts = [*table.stem(), *table.head(), *(op for i, c in enumerate(choices) for op in table.block(i, c))]
    cost = table.cost(choices)
    assert (cost.macs, cost.params) == totals(parts)
