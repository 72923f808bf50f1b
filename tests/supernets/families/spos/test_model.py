from __future__ import annotations

import torch
from torch import Tensor, nn

from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet
from supernets.families.spos.layout import XCEPTION
from supernets.space.architecture import Architecture
from tests.supernets.families.conformance import ReleasedConformance


class TestSPOS(ReleasedConformance):
    name = "spos"
    scale = Scale(0.25, 4)
    manifest = "spos"


def test_units_start_close_to_the_identity() -> None:
    torch.manual_seed(0)
    net = build_supernet("spos", Scale(0.25, 4), 10)
    square = [m for m in net.modules() if isinstance(m, nn.Conv2d) and m.in_channels == m.out_channels]
    assert len(square) > 200
    for conv in square:
        identity = nn.init.dirac_(torch.empty_like(conv.weight), conv.groups)
        noise = (conv.weight - identity).flatten(1).norm(dim=1)
        assert 0 < noise.max() < 0.5


def test_shuffle_units_that_start_from_the_seed_compute_the_same() -> None:
    torch.manual_seed(0)
    net = build_supernet("spos", Scale(0.25, 4), 10).double().train()
    images = 255 * torch.rand(4, 3, 56, 56, dtype=torch.float64)

    def logits(a: Architecture) -> Tensor:
        torch.manual_seed(1)  # For dropout.
        with torch.no_grad():
            scores: Tensor = net(images, a)
        return scores

    seed = net.seed_architecture()
    expected = logits(seed)
    before = logits(net.space.parse({"blocks": [2] * 20}))
    net.start_from(seed)
    for blocks in ([1] * 20, [2] * 20, [0, 1, 2, 2] * 5):
        torch.testing.assert_close(logits(net.space.parse({"blocks": blocks})), expected, rtol=1e-9, atol=1e-9)
    deep = logits(net.space.parse({"blocks": [XCEPTION] * 20}))
    assert (before - expected).abs().max() > 1e-2
    assert (deep - expected).abs().max() > 1e-2
    assert deep.isfinite().all()
