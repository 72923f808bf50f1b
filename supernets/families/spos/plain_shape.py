"""SPOS sub-networks as arguments of the plain network in `plain_network.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from supernets.families.spos.layout import KERNELS, XCEPTION
from supernets.network.plain import PlainNetwork
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from torch import nn

    from supernets.network.supernet import Supernet


def plain_network(net: Supernet, a: Architecture) -> PlainNetwork:
    """`a` with the widths of `net`."""
    from supernets.families.spos.model import SPOSSupernet

    assert isinstance(net, SPOSSupernet)
    blocks = [
        {"cin": block.inputs, "mid": block.mid, "cout": block.outputs, "kernel": KERNELS.get(choice, 3),
         "stride": block.stride, "xception": choice == XCEPTION}
        for block, choice in zip(net.layout.blocks(), a["blocks"], strict=True)
    ]  # fmt: skip
    classifier = cast("nn.Linear", net.head.classifier[0])
    arguments = {
        "stem": {"width": net.layout.stem},
        "blocks": blocks,
        "head": {"cin": net.layout.stages[-1], "width": net.layout.last, "classes": classifier.out_features},
    }
    return PlainNetwork("supernets.families.spos.plain_network", arguments)
