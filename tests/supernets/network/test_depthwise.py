from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from supernets.network.depthwise import DepthwiseConv2d

CHANNELS = 5


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("side", [1, 2, 3, 4, 6, 9])
def test_values_and_gradients_are_those_of_a_plain_convolution(side: int, kernel: int, stride: int) -> None:
    torch.manual_seed(0)
    layer = DepthwiseConv2d(CHANNELS, kernel, stride).double().train()
    plain = nn.Conv2d(CHANNELS, CHANNELS, kernel, stride, kernel // 2, groups=CHANNELS, bias=False).double()
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(3, CHANNELS, side, side, dtype=torch.float64)

    def outcome(module: nn.Module) -> tuple[Tensor, Tensor | None, Tensor | None]:
        inputs = x.clone().requires_grad_()
        y = module(inputs)
        (y * torch.linspace(-1, 1, y.numel(), dtype=torch.float64).view_as(y)).sum().backward()
        return y.detach(), inputs.grad, next(module.parameters()).grad

    for ours, theirs in zip(outcome(layer), outcome(plain), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


def test_images_that_are_not_square_keep_their_gradients() -> None:
    torch.manual_seed(0)
    layer = DepthwiseConv2d(CHANNELS, 7).double().train()
    plain = nn.Conv2d(CHANNELS, CHANNELS, 7, 1, 3, groups=CHANNELS, bias=False).double()
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(3, CHANNELS, 3, 5, dtype=torch.float64)
    for module in (layer, plain):
        module(x).square().sum().backward()
    torch.testing.assert_close(layer.weight.grad, plain.weight.grad, atol=1e-12, rtol=1e-12)
