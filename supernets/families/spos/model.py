"""The one-shot weight-sharing network: four units at each of 20 positions; a sub-network uses one of them.

Units are not sliced: sub-networks share all weights of a unit or none. All batch norms have no scale and shift, as in
the release (Guo et al., ECCV 2020); modules are named as the released tensors are.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from supernets.families.spos.layout import CHOICES, KERNELS, XCEPTION, Block, Layout, shufflenet
from supernets.families.spos.space import SPOSSpace
from supernets.network.depthwise import DepthwiseConv2d
from supernets.network.layers import pool
from supernets.network.pointwise import PointwiseConv2d
from supernets.network.supernet import Step, Supernet, tensors_of
from supernets.space.architecture import Architecture

_NOISE = 0.3
"""Factor of the random part of a unit's initial filters; the rest is the identity."""


class Unit(nn.Module):
    """One choice of a block: a main branch beside the untouched half (stride 1) or beside a projection (stride 2)."""

    def __init__(self, block: Block, choice: int) -> None:
        super().__init__()
        kernel = KERNELS.get(choice, 3)
        build = _xception if choice == XCEPTION else _shuffle
        self.branch_main = nn.Sequential(*build(block.main_inputs, block.mid, block.main_outputs, kernel, block.stride))
        if block.stride == 2:
            cin = block.inputs
            self.branch_proj = nn.Sequential(*_depthwise(cin, kernel, 2), *_pointwise(cin, cin))

    def forward(self, x: Tensor) -> Tensor:
        if hasattr(self, "branch_proj"):
            return torch.cat((self.branch_proj(x), self.branch_main(x)), 1)
        # Channel shuffle: even channels pass unchanged, the main branch reads the odd ones.
        return torch.cat((x[:, 0::2], self.branch_main(x[:, 1::2])), 1)


def _pointwise(cin: int, cout: int) -> list[nn.Module]:
    return [PointwiseConv2d(cin, cout), nn.BatchNorm2d(cout, affine=False), nn.ReLU()]


def _depthwise(channels: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [DepthwiseConv2d(channels, kernel, stride), nn.BatchNorm2d(channels, affine=False)]


def _shuffle(cin: int, mid: int, cout: int, kernel: int, stride: int) -> list[nn.Module]:
    return [*_pointwise(cin, mid), *_depthwise(mid, kernel, stride), *_pointwise(mid, cout)]


def _xception(cin: int, mid: int, cout: int, kernel: int, stride: int) -> list[nn.Module]:
    return [
        *_depthwise(cin, kernel, stride), *_pointwise(cin, mid),
        *_depthwise(mid, kernel), *_pointwise(mid, mid),
        *_depthwise(mid, kernel), *_pointwise(mid, cout),
    ]  # fmt: skip


class Head(nn.Module):
    """Last convolution, mean over positions, dropout as the authors train, classifier without bias."""

    def __init__(self, layout: Layout, classes: int) -> None:
        super().__init__()
        self.conv_last = nn.Sequential(*_pointwise(layout.stages[-1], layout.last))
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Sequential(nn.Linear(layout.last, classes, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.classifier(self.dropout(pool(self.conv_last(x)).flatten(1))))


class Stem(nn.Module):
    """The first convolution, which every sub-network shares."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.first_conv = nn.Sequential(
            nn.Conv2d(3, layout.stem, 3, 2, 1, bias=False), nn.BatchNorm2d(layout.stem, affine=False), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.first_conv(x))


class SPOSSupernet(Supernet):
    """All sub-networks of the one-shot space. Inputs are BGR from 0 to 255, `(N, 3, 224, 224)`."""

    def __init__(self, space: SPOSSpace, layout: Layout | None = None, classes: int = 1000) -> None:
        super().__init__()
        self.space: SPOSSpace = space
        self.layout = layout = layout or shufflenet(1.0)
        self.stem = Stem(layout)
        self.features = nn.ModuleList(
            nn.ModuleList(Unit(block, choice) for choice in CHOICES) for block in layout.blocks()
        )
        self.head = Head(layout, classes)
        _initialise(self)
        with torch.device("meta"):
            # In a tuple, so that they are not registered as sub-modules and stay out of the state dict.
            self._templates = (
                Stem(layout),
                [[Unit(block, choice) for choice in CHOICES] for block in layout.blocks()],
                Head(layout, classes),
            )

    def seed_architecture(self) -> Architecture:
        """The path of 3x3 units, whose filters fit into the units of all other choices."""
        return self.space.parse({"blocks": [0] * len(self.features)})

    def start_from(self, a: Architecture) -> None:
        """Copy the units of `a` into those of the other choices at their positions."""
        with torch.no_grad():
            for units, choice in zip(self.features, a["blocks"], strict=True):
                members = list(cast(nn.ModuleList, units))
                source = members[choice]
                for unit in members:
                    if unit is not source:
                        _start_from(cast(Unit, unit), cast(Unit, source))

    def path(self, a: Architecture) -> list[Step]:
        """Steps of `a`: stem, the chosen unit of each block, head."""
        stem, units, head = self._templates
        steps = [Step("stem", stem, tensors_of(self.stem))]
        for position, choice in enumerate(a["blocks"]):
            unit = cast(nn.ModuleList, self.features[position])[choice]
            steps.append(Step((position, choice), units[position][choice], tensors_of(unit)))
        steps.append(Step("head", head, tensors_of(self.head)))
        return steps


def _start_from(unit: Unit, seed: Unit) -> None:
    """Copy the filters of `seed` into `unit`, small kernels into the middle of larger ones.

    Shuffle units then compute the same. An Xception unit takes the filters of a shuffle unit in its second and its last
    two convolutions; the others become the identity, but their batch norms keep the units from being equal. The filters
    of an Xception unit are not copied into shuffle units, which have fewer convolutions.
    """
    own, given = _convolutions(unit.branch_main), _convolutions(seed.branch_main)
    if len(own) < len(given):
        return
    if len(own) > len(given):
        for conv in (own[0], own[2], own[3]):
            nn.init.dirac_(conv.weight, conv.groups)
        own = [own[1], *own[4:]]
    if hasattr(unit, "branch_proj"):
        own, given = own + _convolutions(unit.branch_proj), given + _convolutions(seed.branch_proj)
    for conv, source in zip(own, given, strict=True):
        margin = (conv.kernel_size[0] - source.kernel_size[0]) // 2
        conv.weight.copy_(nn.functional.pad(source.weight, (margin,) * 4))


def _convolutions(branch: nn.Module) -> list[nn.Conv2d]:
    return [module for module in branch.modules() if isinstance(module, nn.Conv2d)]


def _initialise(net: SPOSSupernet) -> None:
    """Make every unit close to the identity, so that the depth of an untrained network does not hide its input."""
    for conv in _convolutions(net.features):
        _near_identity(conv.weight.data, conv.groups)


def _near_identity(weight: Tensor, groups: int) -> None:
    """Damp the random filters and add the identity, if there are as many outputs as inputs."""
    outputs, inputs = weight.shape[0], weight.shape[1] * groups
    if outputs == inputs:
        weight *= _NOISE
        middle = weight.shape[2] // 2
        weight[:, :, middle, middle] += torch.eye(outputs, weight.shape[1]) if groups == 1 else 1
