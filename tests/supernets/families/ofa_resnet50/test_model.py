from __future__ import annotations

import pytest
import torch

from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, supernet_family
from supernets.network.supernet import Supernet
from tests.supernets.families.conformance import ReleasedConformance
from tests.supernets.families.ofa_resnet50.golden import NAME


@pytest.fixture(scope="module")
def pocket() -> Supernet:
    torch.manual_seed(0)
    return build_supernet(NAME, supernet_family(NAME).pocket, 10)


class TestResNet50(ReleasedConformance):
    name = NAME
    scale = Scale(0.125, 4)
    manifest = "ofa_resnet50"


def test_slices_share_the_memory_of_the_network(pocket: Supernet) -> None:
    own = {tensor.untyped_storage().data_ptr() for tensor in pocket.state_dict().values()}
    for step in pocket.path(pocket.space.smallest()):
        assert all(tensor.untyped_storage().data_ptr() in own for tensor in step.state.values())


def test_every_parameter_of_a_training_step_gets_a_gradient() -> None:
    torch.manual_seed(0)
    net = build_supernet(NAME, Scale(width=0.125, divisor=4), 10).train()
    net(torch.randn(4, 3, 32, 32), net.space.largest()).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []
