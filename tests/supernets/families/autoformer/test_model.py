from __future__ import annotations

import random

import pytest
import torch
from torch import Tensor, nn

from supernets.families.autoformer.attention import Attention, Projections, RelativePositions
from supernets.families.autoformer.layout import MAX_DISTANCE
from supernets.families.autoformer.model import AutoFormerSupernet
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet
from tests.supernets.families.conformance import SupernetConformance

POCKET = Scale(width=0.25, divisor=7)


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


class TestAutoFormer(SupernetConformance):
    name = "autoformer"
    scale = POCKET
    manifest = "autoformer_tiny"


class TestAutoFormerWide(TestAutoFormer):
    name = "autoformer-wide"


class TestAutoFormerSmall(SupernetConformance):
    name = "autoformer-small"
    scale = Scale(width=0.125, divisor=7)
    manifest = "autoformer_small"


def pocket() -> AutoFormerSupernet:
    net = build_supernet("autoformer", POCKET, classes=10)
    assert isinstance(net, AutoFormerSupernet)
    return net


@pytest.mark.parametrize("side", [3, MAX_DISTANCE + 4], ids=["all distances", "distances beyond the last"])
def test_attention_is_its_definition(side: int) -> None:
    attention = Attention(dim=6, heads=2, head_width=4, side=side).double()
    for parameter in attention.parameters():
        nn.init.normal_(parameter)
    x = torch.randn(2, side**2 + 1, 6, dtype=torch.float64)
    torch.testing.assert_close(attention(x), by_definition(attention, x), rtol=1e-10, atol=1e-10)


def by_definition(attention: Attention, x: Tensor) -> Tensor:
    """With an embedding for every pair of tokens, as the equations say."""
    assert isinstance(attention.qkv, Projections)
    q, k, v = attention.qkv(x)
    keys, values = (pairs(p, attention.side) for p in (attention.rel_pos_embed_k, attention.rel_pos_embed_v))
    logits = q @ k.transpose(2, 3) + torch.einsum("nhid,ijd->nhij", q, keys)
    weights = (logits * attention.head_width**-0.5).softmax(3)
    y = weights @ v + torch.einsum("nhij,ijd->nhid", weights, values)
    projected: Tensor = attention.proj(y.transpose(1, 2).flatten(2))
    return projected


def pairs(positions: RelativePositions, side: int) -> Tensor:
    tokens = range(-1, side**2)
    rows = []
    for query in tokens:
        for key in tokens:
            vertical = horizontal = 0
            if query >= 0 and key >= 0:
                apart = (key // side - query // side, key % side - query % side)
                vertical, horizontal = (max(-14, min(14, distance)) + 15 for distance in apart)
            rows.append(positions.embeddings_table_v[vertical] + positions.embeddings_table_h[horizontal])
    return torch.stack(rows).unflatten(0, (side**2 + 1, -1))  # type: ignore[no-untyped-call, no-any-return]


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
