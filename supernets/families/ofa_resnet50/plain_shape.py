"""OFA ResNet-50 sub-networks as arguments of the plain network in `plain_network.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supernets.network.plain import PlainNetwork
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet


def plain_network(net: Supernet, a: Architecture) -> PlainNetwork:
    """`a` with the widths of `net`."""
    from supernets.families.ofa_resnet50.model import ResNet50Supernet

    assert isinstance(net, ResNet50Supernet)
    stem, shapes = net.layout.stem(a), net.layout.blocks(a)
    blocks = [{"cin": b.cin, "mid": b.mid, "cout": b.cout, "stride": b.stride, "project": b.first} for b in shapes]
    arguments = {
        "stem": {"mid": stem.mid, "cout": stem.out, "residual": stem.residual},
        "blocks": blocks,
        "head": {"width": shapes[-1].cout, "classes": net.classes},
    }
    return PlainNetwork("supernets.families.ofa_resnet50.plain_network", arguments)
