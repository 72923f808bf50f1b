"""Rewrites a calibrated sub-network's modules for speed; their results stay the same.

Notable: it recognises modules by their order. Children of a module that run one after the other are declared in that
order, as everywhere in this package.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from supernets.network.pointwise import PointwiseConv2d

_ONEDNN_NAMES = {nn.ReLU: "relu", nn.Hardswish: "hardswish"}
"""oneDNN's names of activations that it can apply to a convolution's results before it writes them."""


def make_inplace(module: nn.Module) -> nn.Module:
    """Let every activation after a convolution or a batch norm overwrite its input, which nothing else reads.

    New memory for each result costs more than the activation itself, because the system has to provide the pages.
    """
    for _, _, before, _, after in _pairs(module):
        if isinstance(before, nn.Conv2d | nn.BatchNorm2d) and hasattr(after, "inplace"):
            vars(after)["inplace"] = True
    return module


def fold(module: nn.Module) -> nn.Module:
    """Fold every batch norm that follows a convolution into the convolution's weights, in place."""
    for parent, name, conv, follower, norm in _pairs(module):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(parent, name, fuse_conv_bn_eval(conv, norm))
            setattr(parent, follower, nn.Identity())
    return module


def keep_constants(module: nn.Module) -> nn.Module:
    """Let every layer that can compute what depends on its weights alone once do so."""
    for layer in module.modules():
        keep = getattr(layer, "keep_constants", None)
        if keep is not None:
            keep()
    return module


def fuse_on_cuda(module: nn.Module) -> nn.Module:
    """Fuse every 1x1 convolution of a folded module with the ReLU after it, in place; other activations stay."""
    for parent, name, conv, follower, after in _pairs(module):
        if isinstance(conv, PointwiseConv2d) and type(after) is nn.ReLU:
            setattr(parent, name, _RectifiedProduct(conv))
            setattr(parent, follower, nn.Identity())
    return module


class _RectifiedProduct(nn.Module):
    """A 1x1 convolution and a ReLU as one matrix product, which applies both bias and ReLU as it writes."""

    def __init__(self, conv: PointwiseConv2d) -> None:
        super().__init__()
        assert conv.bias is not None
        self._weight, self._bias = conv.weight.detach().flatten(1).t(), conv.bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        pixels = x.permute(0, 2, 3, 1)
        y = torch._addmm_activation(self._bias, pixels.flatten(0, 2), self._weight)
        return y.view(*pixels.shape[:3], -1).permute(0, 3, 1, 2)


def fuse_on_cpu(module: nn.Module) -> nn.Module:
    """Fuse every convolution of a folded bfloat16 module with the activation after it, in place; for CPUs.

    Without oneDNN's support for bfloat16 the module is not changed.
    """
    available = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not (available and torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        return module
    for parent, name, conv, follower, after in _pairs(module):
        if isinstance(conv, nn.Conv2d):
            setattr(parent, name, _Convolution(conv, _ONEDNN_NAMES.get(type(after), "none")))
            if type(after) in _ONEDNN_NAMES:
                setattr(parent, follower, nn.Identity())
    return module


class _Convolution(nn.Module):
    """A convolution and an activation as one operation, as PyTorch's compiler generates it for a CPU.

    The memory layout of the weights is chosen once, for the first input's size; other sizes give the same results.
    """

    def __init__(self, conv: nn.Conv2d, activation: str) -> None:
        super().__init__()
        self._weight, self._bias, self._activation = conv.weight.detach(), conv.bias, activation
        self._geometry = (conv.padding, conv.stride, conv.dilation, conv.groups)
        self._reordered = False
        self._reordering = threading.Lock()

    def forward(self, x: Tensor) -> Tensor:
        # Several threads may run the first batches at the same time.
        with self._reordering:
            if not self._reordered:
                self._weight = torch.ops.mkldnn._reorder_convolution_weight(self._weight, *self._geometry, x.shape)
                self._reordered = True
        convolve = torch.ops.mkldnn._convolution_pointwise
        return cast(Tensor, convolve(x, self._weight, self._bias, *self._geometry, self._activation, [], ""))


def _pairs(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Module, str, nn.Module]]:
    """Each child with its parent and name, and the name and module of the next child; identities are skipped."""
    for parent in list(module.modules()):
        children = [(name, child) for name, child in parent.named_children() if not isinstance(child, nn.Identity)]
        for (name, child), (follower, after) in pairwise([*children, ("", nn.Identity())]):
            yield parent, name, child, follower, after
