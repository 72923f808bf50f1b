"""A sub-network's modules rewritten for speed once nothing is measured any more; what they compute stays.

Notable: modules are recognised by what follows what. Children of a module that run one after the other are declared in
that order, as everywhere in this package.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_FUSED = {nn.ReLU: "relu", nn.Hardswish: "hardswish"}
"""Activations that oneDNN applies to a convolution's results before it writes them, by its names."""


def make_inplace(module: nn.Module) -> nn.Module:
    """Let every activation after a convolution and its batch norm overwrite what these made, which nobody else reads.

    Fresh memory for each result costs more than the activation itself: the system has to hand out its pages.
    """
    for _, _, before, _, after in _pairs(module):
        if isinstance(before, nn.Conv2d | nn.BatchNorm2d) and hasattr(after, "inplace"):
            vars(after)["inplace"] = True
    return module


def fold(module: nn.Module) -> nn.Module:
    """Put every batch norm that follows a convolution into its weights, in place; also one without scale and shift."""
    for parent, name, conv, follower, norm in _pairs(module):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(parent, name, fuse_conv_bn_eval(conv, norm))
            setattr(parent, follower, nn.Identity())
    return module


def fuse(module: nn.Module) -> nn.Module:
    """Let every convolution of a folded bfloat16 module apply the activation after it, in place; for CPUs.

    Where oneDNN does not compute in bfloat16, the module stays as it is.
    """
    available = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not (available and torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        return module
    for parent, name, conv, follower, after in _pairs(module):
        if isinstance(conv, nn.Conv2d):
            setattr(parent, name, _Convolution(conv, _FUSED.get(type(after), "none")))
            if type(after) in _FUSED:
                setattr(parent, follower, nn.Identity())
    return module


class _Convolution(nn.Module):
    """A convolution and an activation as one operation, which is what PyTorch's compiler makes of them on a CPU.

    The weights are laid out once, for the first input's size; others give the same results, perhaps more slowly.
    """

    def __init__(self, conv: nn.Conv2d, activation: str) -> None:
        super().__init__()
        self._weight, self._bias, self._activation = conv.weight.detach(), conv.bias, activation
        self._geometry = (conv.padding, conv.stride, conv.dilation, conv.groups)
        self._laid_out = False
        self._laying_out = threading.Lock()

    def forward(self, x: Tensor) -> Tensor:
        # Several threads may come at once with the first batches.
        with self._laying_out:
            if not self._laid_out:
                self._weight = torch.ops.mkldnn._reorder_convolution_weight(self._weight, *self._geometry, x.shape)
                self._laid_out = True
        convolve = torch.ops.mkldnn._convolution_pointwise
        return cast(Tensor, convolve(x, self._weight, self._bias, *self._geometry, self._activation, [], ""))


def _pairs(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Module, str, nn.Module]]:
    """Parent, name and child, and name and child of what follows it, an identity at the end; identities are skipped."""
    for parent in list(module.modules()):
        children = [(name, child) for name, child in parent.named_children() if not isinstance(child, nn.Identity)]
        for (name, child), (follower, after) in pairwise([*children, ("", nn.Identity())]):
            yield parent, name, child, follower, after
