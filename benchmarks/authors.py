"""The code of OFA's authors, from their package `ofa` where it is installed, doing what our evaluator does."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

Batches = Iterable[tuple[Tensor, Tensor]]


def installed() -> bool:
    return find_spec("ofa") is not None


def network() -> Any:
    """Their supernet of width 1.2, with untrained weights."""
    networks = import_module("ofa.imagenet_classification.elastic_nn.networks")
    return networks.OFAMobileNetV3(
        width_mult=1.2, ks_list=[3, 5, 7], expand_ratio_list=[3, 4, 6], depth_list=[2, 3, 4], dropout_rate=0
    ).eval()


def subnet(theirs: Any, net: Supernet, a: Architecture) -> Any:
    genotype = net.space.genotype(a)
    theirs.set_active_subnet(ks=genotype["ks"], e=genotype["e"], d=genotype["d"])
    return theirs.get_active_subnet().eval()


def score(theirs: Any, net: Supernet, a: Architecture, calibration: Batches, search: Batches) -> int:
    """As their evaluation does: set the sub-network, recalibrate it, count hits."""
    utils = import_module("ofa.imagenet_classification.elastic_nn.utils")
    found = subnet(theirs, net, a)
    utils.set_running_statistics(found, [(x.contiguous(), labels) for x, labels in calibration])
    with torch.no_grad():
        return sum(int((found(x.contiguous()).argmax(1) == labels).sum()) for x, labels in search)
