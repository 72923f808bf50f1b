from __future__ import annotations

import random

import pytest
import torch
from torch import Tensor, nn

from supernets.network.supernet import Supernet
from supernets.recorded_steps import GradientSums, RecordedSteps
from supernets.space.architecture import Architecture
from tests.supernets.evaluate.toy import CLASSES, SCALES, network


def batch(net: Supernet, a: Architecture, seed: int) -> tuple[Tensor, Tensor]:
    """Images and soft labels on the network's device."""
    side = net.space.resolution(a) // SCALES[net.space.name].divisor
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(8, 3, side, side, generator=draw).contiguous(memory_format=torch.channels_last)
    targets = torch.rand(8, len(CLASSES), generator=draw).softmax(1)
    device = next(net.parameters()).device
    return x.to(device), targets.to(device)


def gradients(net: Supernet, steps: list[tuple[Architecture, int]], share: float) -> list[Tensor | None]:
    """What plain backward passes accumulate."""
    net.zero_grad(set_to_none=True)
    for a, seed in steps:
        x, targets = batch(net, a, seed)
        (nn.functional.cross_entropy(net(x, a), targets) * share).backward()  # type: ignore[no-untyped-call]
    return [None if p.grad is None else p.grad.clone() for p in net.parameters()]


def check(net: Supernet, sums: GradientSums, steps: list[tuple[Architecture, int]]) -> None:
    expected = gradients(net, steps, 0.5)
    for a, seed in steps:
        loss, logits = sums.learn(a, *batch(net, a, seed))
        assert (loss.ndim, logits.shape, logits.requires_grad) == (0, (8, len(CLASSES)), False)
    sums.hand_over()
    for found, wanted in zip([p.grad for p in net.parameters()], expected, strict=True):
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-4)
    sums.clear()


@pytest.mark.parametrize("name", ["ofa", "autoformer"])
def test_sums_are_the_gradients_of_plain_passes_and_start_again(name: str) -> None:
    net = network(name).train()
    rng = random.Random(0)
    first, second = net.space.sample(rng), net.space.sample(rng)
    sums = GradientSums(net, 0.5)
    check(net, sums, [(first, 1), (second, 2)])
    check(net, sums, [(net.space.smallest(), 3)])


def test_parameters_that_no_sub_network_used_have_no_gradient() -> None:
    net = network("spos").train()
    net.requires_grad_()
    sums = GradientSums(net, 1.0)
    a = net.space.smallest()
    sums.learn(a, *batch(net, a, 0))
    sums.hand_over()
    without = [name for name, p in net.named_parameters() if p.grad is None]
    assert without
    assert all(name.startswith("features.") for name in without)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="records on CUDA")
@pytest.mark.parametrize("name", ["ofa", "autoformer"])
def test_replayed_passes_give_the_gradients_of_plain_ones(name: str) -> None:
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        net = network(name).to("cuda").train()
        rng = random.Random(0)
        archs = [net.space.sample(rng) for _ in range(2)]
        sums = RecordedSteps(net, 0.5)
        for repeat in range(4):
            check(net, sums, [(a, repeat) for a in archs])
