"""Our AutoFormer networks against logits, tensors and costs that the authors' own code gave."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from supernets.families.autoformer.attention import Attention
from supernets.families.registry import get_space
from tests.paths import GOLDENS
from tests.supernets.families import golden
from tests.supernets.families.autoformer.golden import NAMES, architecture, images
from tests.supernets.families.golden import FLOAT32, FLOAT64, TOLERANCE, both_types

LARGER = ("autoformer-small", "autoformer-base")
PUBLISHED = {
    "autoformer": (1366.09, 5.954),
    "autoformer-small": (4896.85, 22.941),
    "autoformer-base": (11074.08, 52.843),
}
"""Table 8 of the paper, in millions: MACs and parameters of the networks that it found."""


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


def check_logits(name: str, dtype: torch.dtype, rows: list[str] | None = None) -> None:
    net, x = golden.network(name, dtype), images(dtype)
    references = golden.logits(name)["logits" if dtype == FLOAT32 else "logits_f64"]
    for row in golden.read(name, "subnets")["subnets"]:
        if rows is not None and row["name"] not in rows:
            continue
        a, reference = architecture(name, row), references[row["logits_row"]]
        with torch.no_grad():
            dynamic, extracted = net(x, a), net.extract(a)(x)
        assert golden.deviation(dynamic, reference) < TOLERANCE[dtype], row["name"]
        assert torch.equal(dynamic, extracted), row["name"]


@both_types
def test_logits_of_every_listed_subnetwork(dtype: torch.dtype) -> None:
    check_logits("autoformer", dtype)


@both_types
@pytest.mark.parametrize("name", LARGER)
def test_logits_of_chosen_subnetworks_of_the_larger_sizes(name: str, dtype: torch.dtype) -> None:
    check_logits(name, dtype, ["min", "max", paper_row(name)])


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", LARGER)
def test_logits_of_every_listed_subnetwork_of_the_larger_sizes(name: str, dtype: torch.dtype) -> None:
    check_logits(name, dtype)


def paper_row(name: str) -> str:
    return f"paper_AutoFormer-{golden.FILES[name].removeprefix('autoformer_')[0].upper()}"


def test_a_wider_preset_is_the_same_network_with_more_choices() -> None:
    wide = get_space("autoformer-wide")
    row = next(r for r in golden.read("autoformer", "subnets")["subnets"] if r["name"] == "official_subnet_yaml")
    a = wide.parse({key: row[key] for key in ("layer_num", "embed_dim", "mlp_ratio", "num_heads")})
    with torch.no_grad():
        ours = golden.network("autoformer", FLOAT64)(images(FLOAT64), a)
    reference = golden.logits("autoformer")["logits_f64"][row["logits_row"]]
    assert golden.deviation(ours, reference) < TOLERANCE[FLOAT64]


@pytest.mark.parametrize("name", NAMES)
def test_extracted_tensors_are_the_reference_slices(name: str) -> None:
    net, listed = golden.network(name, FLOAT32), golden.read(name, "subnets")
    rows = {row["name"]: row for row in listed["subnets"]}
    for subnet, tensors in listed["slices"].items():
        extracted = net.extract(architecture(name, rows[subnet])).state_dict()
        crcs = Counter(golden.crc32(tensor) for tensor in extracted.values())
        reference = Counter(crc for _, crc in tensors.values())
        # The reference lists no positions and no class token: it cuts them as it adds them.
        assert not reference - crcs
        assert (crcs - reference).total() == len(extracted) - len(tensors)


@pytest.mark.parametrize("name", NAMES)
def test_activations_have_the_statistics_of_the_reference(name: str) -> None:
    """Says which layer is the first that differs, should logits ever."""
    net, listed = golden.network(name, FLOAT32), golden.read(name, "subnets")
    rows = {row["name"]: row for row in listed["subnets"]}
    for subnet, trace in listed["traces"].items():
        x, steps = images(FLOAT32), net.path(architecture(name, rows[subnet]))
        outputs = {}
        for i, step in enumerate(steps[:-1]):
            with torch.no_grad():
                x = step.run(x)
            outputs[f"blocks.{i - 1}"] = x
        compared = [entry for entry in trace if entry[0] in outputs]
        assert len(compared) == len(steps) - 2
        for module, shape, mean, std, largest in compared:
            ours = outputs[module]
            assert list(ours.shape) == shape
            measured = (float(ours.mean()), float(ours.std()), float(ours.abs().max()))
            assert measured == pytest.approx((mean, std, largest), abs=1e-4), module


@pytest.mark.parametrize("name", NAMES)
def test_costs_of_every_row_equal_the_integer(name: str) -> None:
    space, rows = get_space(name), golden.read(name, "costs")["rows"]
    assert len(rows) > 200
    for row in rows:
        cost = space.cost(architecture(name, row))
        assert cost.paper_macs_m is not None
        assert (round(cost.paper_macs_m * 1e6), cost.params) == (row["complexity_196"], row["params"]), row["name"]


@pytest.mark.parametrize("name", NAMES)
def test_the_published_networks_have_the_published_costs(name: str) -> None:
    row = next(row for row in golden.read(name, "costs")["rows"] if row["name"] == paper_row(name))
    cost = get_space(name).cost(architecture(name, row))
    assert (round(cost.paper_macs_m or 0, 2), round(cost.params_m, 3)) == PUBLISHED[name]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs_equal_a_count_of_the_real_network(name: str) -> None:
    net = golden.network(name, FLOAT32)
    for row in golden.read(name, "subnets")["subnets"][:3]:
        a = architecture(name, row)
        subnet, cost = net.extract(a), net.space.cost(a)
        assert sum(p.numel() for p in subnet.parameters()) == cost.params
        # Taken apart, attention shows its matrix products to the counter.
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            subnet(images(FLOAT32)[:1])
        assert counter.get_total_flops() == 2 * (cost.macs + _lookups(subnet))


def _lookups(subnet: torch.nn.Module) -> int:
    """Products with zeros and ones, by which fused attention finds the relative positions of a pair."""
    total = 0
    for module in subnet.modules():
        if isinstance(module, Attention):
            heads, side = module.proj.in_features // module.head_width, module.side
            channels = -(-(module.head_width + 2 * side + 1) // 8) * 8 - module.head_width
            total += 2 * (side**2 + 1) ** 2 * channels * heads
    return total


def test_measured_subnetworks_parse() -> None:
    space = get_space("autoformer")
    rows = json.loads((GOLDENS / "autoformer_measured_tiny.json").read_text())
    assert len({space.parse(row["arch"]).id for row in rows}) == len(rows) == 120
