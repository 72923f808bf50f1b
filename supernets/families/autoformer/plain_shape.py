"""AutoFormer sub-networks as arguments of the plain network in `plain_network.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supernets.families.autoformer.layout import hidden_width
from supernets.network.plain import PlainNetwork
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet


def plain_network(net: Supernet, a: Architecture) -> PlainNetwork:
    """`a` with the widths of `net`."""
    from supernets.families.autoformer.model import AutoFormerSupernet

    assert isinstance(net, AutoFormerSupernet)
    geometry, dim = net.geometry, net.geometry.dim(a["embed_dim"])
    blocks = [{"heads": a["num_heads"][i], "hidden": hidden_width(dim, a["mlp_ratio"][i])} for i in range(a["depth"])]
    arguments = {
        "dim": dim, "patch": geometry.patch, "side": geometry.side, "head_width": geometry.head_width,
        "blocks": blocks, "classes": net.head.out_features,
    }  # fmt: skip
    return PlainNetwork("supernets.families.autoformer.plain_network", arguments)
