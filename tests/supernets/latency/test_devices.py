"""Latencies that are told of sub-networks: against the goldens, against the table's bounds, and what is refused."""

from __future__ import annotations

import json
import random

import pytest

from common.errors import UserError
from supernets.families.registry import get_space
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace
from tests.paths import GOLDENS


def latency(space: SearchSpace, genotype: dict[str, object]) -> float:
    found = space.cost(space.parse(genotype)).latency_ms
    assert found is not None
    return found


def test_layers_on_a_note10_add_up_to_what_the_authors_add_them_up_to() -> None:
    space = get_space("ofa", None, "note10")
    rows = json.loads((GOLDENS / "ofa_tables.json").read_text())["rows"]
    for row in rows:
        genotype = {gene: row[gene] for gene in ("r", "d", "ks", "e")}
        assert latency(space, genotype) == pytest.approx(row["note10_ms"], rel=1e-6)
    assert len(rows) == 171


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


@pytest.mark.parametrize(("device", "measured"), [("v100_64", 21.33), ("titan_rtx_32", 13.74), ("2080ti_64", 28.40)])
def test_what_was_fitted_agrees_with_a_measured_network(device: str, measured: float) -> None:
    ks, e = map(int, "75555757573575337535"), map(int, "34366666663444644444")
    genotype = {"r": 208, "d": [2, 2, 3, 2, 3], "ks": list(ks), "e": list(e)}
    assert latency(get_space("ofa", None, device), genotype) == pytest.approx(measured, rel=0.01)


def test_nasbench201_is_looked_up() -> None:
    cell = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    assert latency(get_space("nasbench201", "cifar100", "1080ti_1"), {"cell": cell}) == 10.75
    assert latency(get_space("nasbench201", "cifar100", "pixel3"), {"cell": cell}) == 3.61


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
