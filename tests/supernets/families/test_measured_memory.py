"""The counted peak memory of every family against a measured run of its extracted networks, to the integer."""

from __future__ import annotations

import random

import pytest
import torch

from supernets.evaluate.fusion import fold
from supernets.families.registry import build_supernet, get_space, space_names, supernet_names
from tests.supernets.families.measured_memory import measured_peak

SAMPLES = {"ofa": 12, "ofa-proxyless": 12, "ofa-resnet50": 12, "spos": 12, "autoformer": 12}
FEWER = 3
"""Architectures of the other names, which differ from these in widths alone."""

LARGE = ("autoformer-base", "autoformer-base-wide")


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in supernet_names()]
)
def test_the_count_equals_a_measured_run(name: str) -> None:
    net = build_supernet(name).eval()
    space, rng = net.space, random.Random(13)
    sampled = [space.sample(rng) for _ in range(SAMPLES.get(name, FEWER))]
    for a in (space.smallest(), space.largest(), *sampled):
        side = space.resolution(a)
        measured = measured_peak(fold(net.extract(a)), torch.randn(1, 3, side, side))
        assert space.cost(a).memory_mb == measured / 1e6, space.genotype(a)


def test_the_measurement_holds_what_a_residual_needs_and_frees_the_rest() -> None:
    class Network(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = torch.cat((x, x), 1)
            y = torch.cat((y, y), 1).relu()
            return x + y[:, :3]

    assert measured_peak(Network(), torch.randn(1, 3, 2, 2)) == 12 + 24 + 48


@pytest.mark.parametrize("name", [name for name in space_names() if name.endswith("-predicted")])
def test_predicted_spaces_count_as_the_supernets(name: str) -> None:
    space, supernet = get_space(name), get_space(name.removesuffix("-predicted"))
    a = space.sample(random.Random(0))
    assert space.cost(a).memory_mb == supernet.cost(supernet.parse(space.genotype(a))).memory_mb


def test_tables_do_not_count_memory() -> None:
    space = get_space("nasbench201")
    assert space.cost(space.largest()).memory_mb is None
