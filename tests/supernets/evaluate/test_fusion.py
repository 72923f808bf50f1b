from __future__ import annotations

import copy
import random

import pytest
import torch
from torch import nn

from supernets.evaluate.fusion import fold, fuse_on_cuda, keep_constants, make_inplace
from tests.supernets.evaluate.calibrated import calibrate
from tests.supernets.evaluate.toy import SCALES, network


def calibrated(name: str) -> tuple[nn.Module, torch.Tensor]:
    """A sub-network with measured statistics, and images for it."""
    net = network(name)
    a = net.space.sample(random.Random(1))
    side = net.space.resolution(a) // SCALES[name].divisor
    x, subnet = torch.randn(8, 3, side, side), net.extract(a)
    calibrate(subnet, [x])
    return subnet, x


@pytest.mark.parametrize("name", SCALES)
def test_a_folded_network_computes_the_same_without_batch_norms(name: str) -> None:
    subnet, x = calibrated(name)
    folded = fold(make_inplace(copy.deepcopy(subnet)))
    assert not [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        assert torch.allclose(folded(x), subnet(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SCALES)
def test_a_network_rewritten_for_cuda_computes_the_same(name: str) -> None:
    subnet, x = calibrated(name)
    rewritten = fuse_on_cuda(keep_constants(fold(make_inplace(copy.deepcopy(subnet)))))
    with torch.no_grad():
        assert torch.allclose(rewritten(x), subnet(x), rtol=1e-4, atol=1e-4)
    if name == "spos":
        assert len([m for m in rewritten.modules() if isinstance(m, nn.ReLU)]) == 1  # after the stem's 3x3 convolution


def test_kept_constants_are_not_computed_again() -> None:
    net = network("autoformer")
    subnet = keep_constants(net.extract(net.space.smallest()))
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = subnet(x)
        for table in [p for name, p in subnet.named_parameters() if "embeddings_table" in name]:
            table.fill_(100)
        assert torch.equal(subnet(x), before)


def test_an_activation_that_others_read_is_not_overwritten() -> None:
    shared = nn.Sequential(nn.ReLU(), nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU())
    make_inplace(shared)
    x = torch.randn(1, 3, 2, 2)
    before = x.clone()
    shared.eval()(x)
    assert torch.equal(x, before)
    assert shared[3].inplace
