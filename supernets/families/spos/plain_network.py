"""A ShuffleNetV2 with a unit of its own at each position, in plain PyTorch.

`supernets/export` copies this file's code into the `model.py` of an export, so it imports nothing else.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def pointwise(cin: int, cout: int) -> list[nn.Module]:
    """Mix the channels."""
    return [nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout, affine=False), nn.ReLU()]


def depthwise(channels: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Filter each channel."""
    conv = nn.Conv2d(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)
    return [conv, nn.BatchNorm2d(channels, affine=False)]


class Unit(nn.Module):
    """A main branch beside half of the channels, which pass by (stride 1), or beside a projection of all (stride 2).

    `xception`: three depthwise convolutions instead of one.
    """

    def __init__(self, cin: int, mid: int, cout: int, kernel: int, stride: int, xception: bool) -> None:
        super().__init__()
        inputs = cin if stride == 2 else cin // 2
        outputs = cout - inputs
        if xception:
            layers = [*depthwise(inputs, kernel, stride), *pointwise(inputs, mid)]
            layers += [*depthwise(mid, kernel), *pointwise(mid, mid), *depthwise(mid, kernel), *pointwise(mid, outputs)]
        else:
            layers = [*pointwise(inputs, mid), *depthwise(mid, kernel, stride), *pointwise(mid, outputs)]
        self.branch_main = nn.Sequential(*layers)
        self.branch_proj = nn.Sequential(*depthwise(cin, kernel, 2), *pointwise(cin, cin)) if stride == 2 else None

    def forward(self, x: Tensor) -> Tensor:
        if self.branch_proj is not None:
            return torch.cat((self.branch_proj(x), self.branch_main(x)), 1)
        # Channel shuffle: the even channels pass by, the odd ones go through the branch.
        return torch.cat((x[:, 0::2], self.branch_main(x[:, 1::2])), 1)


class Stem(nn.Module):
    """The first convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        conv = nn.Conv2d(3, width, 3, 2, 1, bias=False)
        self.first_conv = nn.Sequential(conv, nn.BatchNorm2d(width, affine=False), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.first_conv(x)
        return y


class Head(nn.Module):
    """Last convolution, mean over positions, dropout, classifier without bias."""

    def __init__(self, cin: int, width: int, classes: int) -> None:
        super().__init__()
        self.conv_last = nn.Sequential(*pointwise(cin, width))
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Sequential(nn.Linear(width, classes, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.dropout(self.conv_last(x).mean((2, 3))))
        return logits


class Network(nn.Module):
    """Logits `(N, classes)` of images `(N, 3, side, side)` with the blue channel first and values from 0 to 255."""

    def __init__(self, stem: dict[str, Any], blocks: list[dict[str, Any]], head: dict[str, Any]) -> None:
        super().__init__()
        self.stem = Stem(**stem)
        self.blocks = nn.Sequential(*(Unit(**block) for block in blocks))
        self.head = Head(**head)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(x)))
        return logits
