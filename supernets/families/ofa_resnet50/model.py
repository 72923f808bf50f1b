"""The OFA ResNet-50 weight-sharing network: every sub-network of the space as slices of one set of weights.

Widths between blocks are elastic too, so a block's slice depends on its neighbours; slices keep the first channels.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from supernets.families.ofa_resnet50.layout import BlockShape, Layout, StemShape
from supernets.families.ofa_resnet50.space import ResNet50Space
from supernets.network.layers import ConvBN, pool, prefixed, sliced_conv_bn
from supernets.network.supernet import Step, Supernet
from supernets.space.architecture import Architecture

_EPS = 1e-5


class Stem(nn.Module):
    """A strided convolution, an optional residual one, another one, and max pooling, to a quarter of the side."""

    def __init__(self, mid: int, out: int, residual: bool) -> None:
        super().__init__()
        self.first_conv = ConvBN(3, mid, kernel=3, stride=2, act="relu", eps=_EPS)
        self.residual_conv = ConvBN(mid, mid, kernel=3, act="relu", eps=_EPS) if residual else None
        self.last_conv = ConvBN(mid, out, kernel=3, act="relu", eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first_conv(x)
        if self.residual_conv is not None:
            x = x + self.residual_conv(x)
        return nn.functional.max_pool2d(self.last_conv(x), 3, 2, 1)

    def sliced(self, shape: StemShape) -> dict[str, Tensor]:
        state = {
            **prefixed("first_conv", sliced_conv_bn(self.first_conv, shape.mid, 3)),
            **prefixed("last_conv", sliced_conv_bn(self.last_conv, shape.out, shape.mid)),
        }
        if shape.residual:
            assert self.residual_conv is not None
            state |= prefixed("residual_conv", sliced_conv_bn(self.residual_conv, shape.mid, shape.mid))
        return state


class Bottleneck(nn.Module):
    """Reduce, filter and expand, with a shortcut; the first block of a stage pools and projects its shortcut."""

    def __init__(self, *, cin: int, mid: int, cout: int, stride: int, first: bool) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = ConvBN(cin, mid, act="relu", eps=_EPS)
        self.conv2 = ConvBN(mid, mid, kernel=3, stride=stride, act="relu", eps=_EPS)
        self.conv3 = ConvBN(mid, cout, eps=_EPS)
        self.downsample = ConvBN(cin, cout, eps=_EPS) if first else None
        if not first and isinstance(self.conv3.bn, nn.BatchNorm2d):
            # Training starts from identities, so that depth can be elastic from the first step.
            nn.init.zeros_(self.conv3.bn.weight)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv3(self.conv2(self.conv1(x)))
        return nn.functional.relu(y + self._shortcut(x))

    def _shortcut(self, x: Tensor) -> Tensor:
        if self.stride > 1:
            # An odd side keeps its last row and column, as the strided convolution does.
            x = nn.functional.avg_pool2d(x, self.stride, ceil_mode=True)
        return x if self.downsample is None else self.downsample(x)

    def sliced(self, shape: BlockShape) -> dict[str, Tensor]:
        state = {
            **prefixed("conv1", sliced_conv_bn(self.conv1, shape.mid, shape.cin)),
            **prefixed("conv2", sliced_conv_bn(self.conv2, shape.mid, shape.mid)),
            **prefixed("conv3", sliced_conv_bn(self.conv3, shape.cout, shape.mid)),
        }
        if self.downsample is not None:
            state |= prefixed("downsample", sliced_conv_bn(self.downsample, shape.cout, shape.cin))
        return state


class Head(nn.Module):
    """Average the last features over all positions and classify them."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(pool(x).flatten(1))
        return logits

    def sliced(self, width: int) -> dict[str, Tensor]:
        return {"classifier.weight": self.classifier.weight[:, :width], "classifier.bias": self.classifier.bias}


class ResNet50Supernet(Supernet):
    """All ResNet-50 sub-networks of one layout; a pocket version has a narrower layout and fewer classes."""

    def __init__(self, space: ResNet50Space, layout: Layout | None = None, classes: int = 1000) -> None:
        super().__init__()
        self.space: ResNet50Space = space
        self.layout = layout or space.layout
        self.classes = classes
        largest = space.largest()
        stem, blocks = self.layout.stem(largest), self.layout.blocks(largest)
        self.stem = Stem(stem.mid, stem.out, stem.residual)
        self.blocks = nn.ModuleList(
            Bottleneck(cin=b.cin, mid=b.mid, cout=b.cout, stride=b.stride, first=b.first) for b in blocks
        )
        self.head = Head(blocks[-1].cout, classes)

    def path(self, a: Architecture) -> list[Step]:
        """Steps of `a`: stem (its key holds the resolution), the blocks that act, head.

        A block's key is its whole shape, since blocks of one expansion differ where widths do.
        """
        stem, blocks = self.layout.stem(a), self.layout.blocks(a)
        steps = [Step(("stem", a["r"], stem), _stem(stem.mid, stem.out, stem.residual), self.stem.sliced(stem))]
        for shape in blocks:
            block = self.blocks[shape.index]
            assert isinstance(block, Bottleneck)
            template = _bottleneck(shape.cin, shape.mid, shape.cout, shape.stride, shape.first)
            steps.append(Step(shape, template, block.sliced(shape)))
        width = blocks[-1].cout
        steps.append(Step("head", _head(width, self.classes), self.head.sliced(width)))
        return steps


@cache
def _stem(mid: int, out: int, residual: bool) -> Stem:
    with torch.device("meta"):
        return Stem(mid, out, residual)


@cache
def _bottleneck(cin: int, mid: int, cout: int, stride: int, first: bool) -> Bottleneck:
    with torch.device("meta"):
        return Bottleneck(cin=cin, mid=mid, cout=cout, stride=stride, first=first)


@cache
def _head(width: int, classes: int) -> Head:
    with torch.device("meta"):
        return Head(width, classes)
