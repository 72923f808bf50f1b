from __future__ import annotations

import pytest
import torch

from supernets.network.pointwise import PointwiseConv2d


@pytest.mark.parametrize("bias", [False, True])
def test_a_product_of_pixels_and_weights_is_the_convolution(bias: bool) -> None:
    conv = PointwiseConv2d(6, 10, bias=bias)
    x = torch.randn(2, 6, 3, 5).contiguous(memory_format=torch.channels_last)
    found = conv.product(x)
    assert torch.allclose(found, conv(x), atol=1e-6)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(conv.product(x[:, ::2].repeat(1, 2, 1, 1)), conv(x[:, ::2].repeat(1, 2, 1, 1)), atol=1e-6)
