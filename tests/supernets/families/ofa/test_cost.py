from __future__ import annotations

import pytest
import torch

from supernets.families.ofa.cost import BlockCosts, halve, inverted_residual
from supernets.families.ofa.layout import mobilenet_v3
from supernets.families.ofa.model import InvertedResidual
from supernets.space.cost import totals
from tests.supernets.families.golden import count_macs


@pytest.mark.parametrize("side", [7, 8])
def test_a_strided_convolution_rounds_up(side: int) -> None:
    assert halve(side) == torch.nn.Conv2d(1, 1, 5, 2, 2)(torch.zeros(1, 1, side, side)).shape[2]


@pytest.mark.parametrize(("stride", "squeeze", "expand"), [(1, True, True), (2, False, True), (1, False, False)])
def test_a_block_has_the_macs_and_parameters_of_its_module(stride: int, squeeze: bool, expand: bool) -> None:
    cin, hidden = 3, 3 if not expand else 24
    block = InvertedResidual(
        cin=cin, hidden=hidden, cout=8, kernel=5, stride=stride, act="relu", squeeze=squeeze, eps=1e-5, expand=expand
    )
    macs, params = totals(inverted_residual(cin, hidden, 8, 160, 5, stride, squeeze, expand))
    assert params == sum(parameter.numel() for parameter in block.parameters())
    assert macs == count_macs(block, 160)


def test_costs_do_not_depend_on_what_was_asked_before() -> None:
    blocks = [(0, 3, 3), (1, 7, 6), (4, 5, 4)]
    table = BlockCosts(mobilenet_v3(1.0), 1.0)
    first = table.cost(160, blocks)
    table.cost(224, [(0, 7, 6)])
    assert table.cost(160, blocks) == first == BlockCosts(mobilenet_v3(1.0), 1.0).cost(160, blocks)
    operators = [*table.stem(160), *table.head(160), *(op for choice in blocks for op in table.block(160, choice))]
    assert (first.macs, first.params) == totals(operators)


def test_only_mobilenet_has_a_published_count() -> None:
    assert BlockCosts(mobilenet_v3(1.0), None).cost(160, []).paper_macs_m is None
    published = BlockCosts(mobilenet_v3(1.2), 1.2).cost(224, [(i, 7, 6) for i in range(20)])
    assert published.paper_macs_m is not None
    assert published.paper_macs_m != pytest.approx(published.macs_m, rel=0.001)
