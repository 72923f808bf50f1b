"""An inverted-residual network (MobileNetV3 or ProxylessNAS) of fixed shape, in plain PyTorch.

`supernets/export` copies this file's code into the `model.py` of an export, so it imports nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from torch import Tensor, nn

ACTIVATIONS = {"relu": nn.ReLU, "relu6": nn.ReLU6, "h_swish": nn.Hardswish}


class ConvBN(nn.Module):
    """Convolution, batch norm (none where `eps` is None), activation (none where `act` is None)."""

    def __init__(
        self, cin: int, cout: int, kernel: int, stride: int, act: str | None, eps: float | None, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.Identity() if eps is None else nn.BatchNorm2d(cout, eps=eps)
        self.act = nn.Identity() if act is None else ACTIVATIONS[act]()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.bn(self.conv(x)))
        return y


class SqueezeExcite(nn.Module):
    """Multiply each channel by a gate that is computed from the means of all channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.expand(nn.functional.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        return x * nn.functional.hardsigmoid(gate)


class InvertedResidual(nn.Module):
    """Expand the channels, filter each, gate them, project them; add the input where the shape stays."""

    def __init__(
        self, cin: int, hidden: int, cout: int, kernel: int, stride: int, act: str, squeezed: int, eps: float
    ) -> None:
        super().__init__()
        self.inverted_bottleneck = nn.Identity() if hidden == cin else ConvBN(cin, hidden, 1, 1, act, eps)
        self.depth_conv = ConvBN(hidden, hidden, kernel, stride, act, eps, groups=hidden)
        self.se = SqueezeExcite(hidden, squeezed) if squeezed else nn.Identity()
        self.point_linear = ConvBN(hidden, cout, 1, 1, None, eps)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.point_linear(self.se(self.depth_conv(self.inverted_bottleneck(x))))
        return x + y if self.residual else y


class Head(nn.Module):
    """Classifier on averaged features; `mix_after_pool` says whether they are mixed after averaging or before."""

    def __init__(
        self, cin: int, final_expand: int | None, mix: int, mix_after_pool: bool, act: str, eps: float, classes: int
    ) -> None:
        super().__init__()
        self.final_expand_layer = nn.Identity() if final_expand is None else ConvBN(cin, final_expand, 1, 1, act, eps)
        self.feature_mix_layer = ConvBN(final_expand or cin, mix, 1, 1, act, None if mix_after_pool else eps)
        self.classifier = nn.Linear(mix, classes)
        self.mix_after_pool = mix_after_pool

    def forward(self, x: Tensor) -> Tensor:
        x = self.final_expand_layer(x)
        if self.mix_after_pool:
            x = self.feature_mix_layer(x.mean((2, 3), keepdim=True)).flatten(1)
        else:
            x = self.feature_mix_layer(x).mean((2, 3))
        logits: Tensor = self.classifier(x)
        return logits


class Network(nn.Module):
    """Logits `(N, classes)` of normalised images `(N, 3, side, side)`."""

    def __init__(self, stem: dict[str, Any], blocks: list[dict[str, Any]], head: dict[str, Any], eps: float) -> None:
        super().__init__()
        width, act = stem["width"], stem["act"]
        first_block = InvertedResidual(width, width, stem["cout"], 3, 1, stem["block_act"], 0, eps)
        self.stem = nn.Sequential(OrderedDict(first_conv=ConvBN(3, width, 3, 2, act, eps), first_block=first_block))
        self.blocks = nn.Sequential(*(InvertedResidual(**block, eps=eps) for block in blocks))
        self.head = Head(**head, act=act, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(x)))
        return logits
