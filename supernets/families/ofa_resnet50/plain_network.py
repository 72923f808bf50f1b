"""A bottleneck network (ResNet-D) of fixed shape, in plain PyTorch.

`supernets/export` copies this file's code into the `model.py` of an export, so it imports nothing else.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class ConvBN(nn.Module):
    """Convolution and batch norm, then ReLU if `relu`."""

    def __init__(self, cin: int, cout: int, kernel: int, stride: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.act = nn.ReLU() if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.bn(self.conv(x)))
        return y


class Stem(nn.Module):
    """Two convolutions, a residual one between them if `residual`, and max pooling: a quarter of the side remains."""

    def __init__(self, mid: int, cout: int, residual: bool) -> None:
        super().__init__()
        self.first_conv = ConvBN(3, mid, 3, 2)
        self.residual_conv = ConvBN(mid, mid, 3) if residual else None
        self.last_conv = ConvBN(mid, cout, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first_conv(x)
        if self.residual_conv is not None:
            x = x + self.residual_conv(x)
        return nn.functional.max_pool2d(self.last_conv(x), 3, 2, 1)


class Bottleneck(nn.Module):
    """Reduce, filter and expand, around it a shortcut, which `project` says to project."""

    def __init__(self, cin: int, mid: int, cout: int, stride: int, project: bool) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = ConvBN(cin, mid, 1)
        self.conv2 = ConvBN(mid, mid, 3, stride)
        self.conv3 = ConvBN(mid, cout, 1, relu=False)
        self.downsample = ConvBN(cin, cout, 1, relu=False) if project else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        if self.stride > 1:
            # With an odd side, the last row and column are averaged alone.
            shortcut = nn.functional.avg_pool2d(x, self.stride, ceil_mode=True, count_include_pad=False)
        y: Tensor = self.conv3(self.conv2(self.conv1(x)))
        return nn.functional.relu(y + self.downsample(shortcut))


class Head(nn.Module):
    """Classifier on averaged features."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(x.mean((2, 3)))
        return logits


class Network(nn.Module):
    """Logits `(N, classes)` of normalised images `(N, 3, side, side)`."""

    def __init__(self, stem: dict[str, Any], blocks: list[dict[str, Any]], head: dict[str, Any]) -> None:
        super().__init__()
        self.stem = Stem(**stem)
        self.blocks = nn.Sequential(*(Bottleneck(**block) for block in blocks))
        self.head = Head(**head)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(x)))
        return logits
