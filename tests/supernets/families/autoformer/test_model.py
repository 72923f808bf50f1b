from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from supernets.families.autoformer.model import AutoFormerSupernet
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet
from tests.supernets.families.conformance import ReleasedConformance

POCKET = Scale(width=0.25, divisor=7)


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


class TestAutoFormer(ReleasedConformance):
    name = "autoformer"
    scale = POCKET
    manifest = "autoformer_tiny"
    macs_are_counted = False  # the attention has additional channels; `test_cost.py` counts without them


class TestAutoFormerWide(TestAutoFormer):
    name = "autoformer-wide"


class TestAutoFormerSmall(ReleasedConformance):
    name = "autoformer-small"
    scale = Scale(width=0.125, divisor=7)
    manifest = "autoformer_small"
    macs_are_counted = False


def pocket() -> AutoFormerSupernet:
    net = build_supernet("autoformer", POCKET, classes=10)
    assert isinstance(net, AutoFormerSupernet)
    return net


def test_steps_copy_no_weights() -> None:
    net = pocket()
    owned = {parameter.untyped_storage().data_ptr() for parameter in net.parameters()}
    for step in net.path(net.space.sample(random.Random(0))):
        assert {tensor.untyped_storage().data_ptr() for tensor in step.state.values()} <= owned


@pytest.mark.parametrize("mixed", [False, True], ids=["float32", "autocast"])
def test_every_tensor_learns(mixed: bool) -> None:
    net = pocket().train()
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        loss = nn.functional.cross_entropy(net(torch.randn(2, 3, 32, 32), net.space.largest()), torch.tensor([1, 2]))
    loss.backward()  # type: ignore[no-untyped-call]
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


def test_training_starts_from_small_weights_and_no_bias() -> None:
    net = pocket()
    for name, parameter in net.named_parameters():
        if "patch_embed" in name or "norm" in name:
            continue
        if name.endswith("bias"):
            assert not parameter.any(), name
        else:
            assert 0.01 < float(parameter.detach().std()) < 0.03, name
