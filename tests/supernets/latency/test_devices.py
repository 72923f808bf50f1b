"""Latencies that are told of sub-networks: against the goldens, against the table's bounds, and what is refused."""

from __future__ import annotations

import random

import pytest

from common.errors import UserError
from supernets.families.registry import get_space
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace


def latency(space: SearchSpace, genotype: dict[str, object]) -> float:
    found = space.cost(space.parse(genotype)).latency_ms
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "device"),
    [("ofa", "note10"), ("ofa", "2080ti_1"), ("ofa", "v100_64"), ("ofa-w1.0", "i7-8700k"), ("nasbench201", "pixel3")],
)
def test_no_network_is_faster_or_slower_than_the_bounds(name: str, device: str) -> None:
    space = get_space(name, None, device)
    low, high = space.bounds()
    rng = random.Random(0)
    networks = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(300))]
    times = [space.cost(a).latency_ms or 0.0 for a in networks]
    assert low.latency_ms is not None
    assert high.latency_ms is not None
    assert 0 < low.latency_ms <= min(times) < max(times) <= high.latency_ms + 1e-9
    assert (low.macs, high.params) == (get_space(name).bounds()[0].macs, get_space(name).bounds()[1].params)


def test_a_space_that_is_not_timed_tells_no_latency_and_a_disguised_one_tells_its_own() -> None:
    space = get_space("ofa", None, "note10")
    disguised = DisguisedSpace(space, seed=1)
    assert get_space("ofa").cost(space.largest()).latency_ms is None
    assert disguised.cost(disguised.largest()) == space.cost(space.largest())
    assert disguised.bounds() == space.bounds()


@pytest.mark.parametrize(
    ("name", "dataset", "device", "text"),
    [
        ("ofa", None, "note11", "ofa was measured on note10, i7-8700k, 2080ti_1, .*; got 'note11'"),
        ("nasbench201", None, "v100_1", "nasbench201 was measured on 1080ti_1, "),
        ("nasbench201", "imagenet16-120", "pixel3", "no latency measurements of nasbench201"),
        ("spos", None, "pixel3", "no latency measurements of spos are bundled"),
        ("ofa-resnet50", None, "note10", "limit MACs with --max-macs"),
        ("ofa", None, "none.npz", "expected a file that `measure --supernet ofa --out FILE` wrote; .*No such file"),
        ("spos", None, "none.npz", "no latency measurements of spos"),
    ],
)
def test_devices_that_a_family_was_not_measured_on_are_refused(
    name: str, dataset: str | None, device: str, text: str
) -> None:
    with pytest.raises(UserError, match=text):
        get_space(name, dataset, device)
