from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from supernets.families.autoformer.attention import Attention, Projections, RelativePositions
from supernets.families.autoformer.layout import MAX_DISTANCE


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


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
