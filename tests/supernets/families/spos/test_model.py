from __future__ import annotations

import torch
from torch import nn

from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet
from tests.supernets.families.conformance import SupernetConformance


class TestSPOS(SupernetConformance):
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
