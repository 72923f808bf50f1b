"""One sub-network of the elastic ResNet as ordinary modules. Imports torch alone: an export contains this text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn


class Stem(nn.Module):
    """Images `(N, 3, S, S)` to `(N, width, S, S)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class Block(nn.Module):
    """Two convolutions and a shortcut, which is a convolution where the shape changes."""

    def __init__(self, cin: int, hidden: int, cout: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, hidden, kernel, stride, kernel // 2, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, cout, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.shortcut = None if cin == cout else nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Head(nn.Module):
    """Mean over positions, then the classifier."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.classifier(x.mean((2, 3))))


class Network(nn.Module):
    """Logits `(N, classes)` of normalised images `(N, 3, S, S)`."""

    def __init__(self, stem: Mapping[str, int], blocks: Sequence[Mapping[str, int]], head: Mapping[str, int]) -> None:
        super().__init__()
        self.stem = Stem(**stem)
        self.blocks = nn.Sequential(*(Block(**block) for block in blocks))
        self.head = Head(**head)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(self.blocks(self.stem(x))))
