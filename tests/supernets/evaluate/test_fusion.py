from __future__ import annotations

import copy
import random

import pytest
import torch
from torch import nn

from supernets.evaluate.fusion import fold, make_inplace
from tests.supernets.evaluate.calibrated import calibrate
from tests.supernets.evaluate.toy import SCALES, network


@pytest.mark.parametrize("name", SCALES)
def test_a_folded_network_computes_the_same_without_batch_norms(name: str) -> None:
    net = network(name)
    a = net.space.sample(random.Random(1))
    side = net.space.resolution(a) // SCALES[name].divisor
    x = torch.randn(8, 3, side, side)
    subnet = net.extract(a)
    calibrate(subnet, [x])
    folded = fold(make_inplace(copy.deepcopy(subnet)))
    assert not [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        assert torch.allclose(folded(x), subnet(x), rtol=1e-4, atol=1e-4)


def test_an_activation_that_others_read_is_not_overwritten() -> None:
    shared = nn.Sequential(nn.ReLU(), nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU())
    make_inplace(shared)
    x = torch.randn(1, 3, 2, 2)
    before = x.clone()
    shared.eval()(x)
    assert torch.equal(x, before)
    assert shared[3].inplace
