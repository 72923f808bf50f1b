from __future__ import annotations

import pytest
import torch
from torch import nn

from supernets.network.layers import (
    ConvBN,
    SqueezeExcite,
    activation,
    pool,
    prefixed,
    sliced_bn,
    sliced_conv_bn,
    sliced_gate,
)


@pytest.mark.parametrize(("name", "kind"), [("relu", nn.ReLU), ("relu6", nn.ReLU6), ("h_swish", nn.Hardswish)])
def test_activations_by_name(name: str, kind: type[nn.Module]) -> None:
    assert isinstance(activation(name), kind)


def test_pooling_is_the_mean_over_positions() -> None:
    x = torch.randn(2, 3, 5, 7)
    torch.testing.assert_close(pool(x), x.mean((2, 3), keepdim=True))


def test_a_convolution_may_lack_norm_and_activation() -> None:
    plain = ConvBN(3, 4, kernel=3, stride=2, eps=None)
    assert isinstance(plain.bn, nn.Identity)
    assert isinstance(plain.act, nn.Identity)
    assert plain(torch.zeros(1, 3, 9, 9)).shape == (1, 4, 5, 5)


def test_slices_are_views_of_the_first_channels_that_a_smaller_module_takes() -> None:
    layer, small = ConvBN(8, 6, kernel=3, act="relu", eps=1e-3), ConvBN(5, 4, kernel=3, act="relu", eps=1e-3)
    state = sliced_conv_bn(layer, 4, 5)
    small.load_state_dict(state)
    with torch.no_grad():
        state["conv.weight"][0, 0, 0, 0] = 7.0
    assert layer.conv.weight[0, 0, 0, 0] == 7.0
    assert torch.equal(small.conv.weight[1:], layer.conv.weight[1:4, :5])
    assert sliced_bn(nn.Identity(), 3) == {}


def test_a_gate_is_sliced_on_both_sides() -> None:
    gate, small = SqueezeExcite(8, 4), SqueezeExcite(5, 2)
    small.load_state_dict(sliced_gate(gate, 5, 2))
    x = torch.rand(1, 5, 3, 3)
    assert ((small(x) >= 0) & (small(x) <= x)).all()
    assert torch.equal(small.reduce.weight, gate.reduce.weight[:2, :5])


def test_names_are_prefixed() -> None:
    assert list(prefixed("a.b", {"c": torch.zeros(1)})) == ["a.b.c"]
