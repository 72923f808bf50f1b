"""Depthwise convolutions that train fast on a CPU where the image is smaller than the kernel.

For such images oneDNN computes the gradient of the weights with slow reference loops. This module assembles the
gradient from those of 3x3 kernels over the padded image, for which oneDNN has fast code. Parts of the kernel that only
meet padding get a gradient of zero without any computation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

_PART = 3
"""Side of the kernels whose gradients are computed."""


class DepthwiseConv2d(nn.Conv2d):
    """One filter per channel, padded by half of the kernel, without bias; computes the same as `nn.Conv2d`."""

    def __init__(self, channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[2]
        if self.training and x.device.type == "cpu" and kernel >= _PART and x.shape[2] == x.shape[3] < kernel:
            return _Depthwise.apply(x, self.weight, self.stride[0])  # type: ignore[no-any-return]
        return super().forward(x)


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return nn.functional.conv2d(x, weight, None, stride, weight.shape[2] // 2, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        (gradient,) = gradients
        of_x = _gradients(gradient, x, weight, ctx.stride, weight.shape[2] // 2, (True, False))[0]
        return of_x, _of_weight(gradient, x, weight, ctx.stride), None


def _of_weight(gradient: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    kernel, side = weight.shape[2], x.shape[2]
    padding = kernel // 2
    # Channels last, so that a window of the padded image is used without rearranging its memory.
    padded = nn.functional.pad(x.permute(0, 2, 3, 1), (0, 0, padding, padding, padding, padding)).permute(0, 3, 1, 2)
    used = stride * (gradient.shape[2] - 1) + _PART
    result, part = torch.zeros_like(weight), weight[..., :_PART, :_PART].contiguous()
    starts = list(_starts(kernel, min(padding, side - 1)))
    for i in starts:
        for j in starts:
            window = padded[:, :, i : i + used, j : j + used]
            result[:, :, i : i + _PART, j : j + _PART] = _gradients(gradient, window, part, stride, 0, (False, True))[1]
    return result


def _starts(kernel: int, reach: int) -> Iterator[int]:
    """First rows of the parts that cover the kernel within `reach` of its middle; parts may overlap."""
    end = kernel // 2 + max(reach, _PART // 2) + 1
    start = kernel - end
    while start + _PART < end:
        yield start
        start += _PART
    yield end - _PART


def _gradients(
    gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int, wanted: tuple[bool, bool]
) -> tuple[Tensor, Tensor]:
    """Gradients of the input and of the weight, each computed only if `wanted` says so."""
    of_x, of_weight, _ = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], len(weight), [*wanted, False]
    )
    return of_x, of_weight
