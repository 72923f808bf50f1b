"""Our OFA ResNet-50 against logits, tensors and costs that the authors' own code gave."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch

from supernets.families.registry import get_space
from tests.supernets.evaluate.calibrated import calibrate
from tests.supernets.families import golden
from tests.supernets.families.golden import FLOAT32, FLOAT64, RECALIBRATED_TOLERANCE, TOLERANCE, images
from tests.supernets.families.ofa_resnet50.golden import NAME, architecture

ROWS: list[dict[str, Any]] = golden.read(NAME, "subnets")["subnets"]
BY_NAME = {row["name"]: row for row in ROWS}
FEW = ("min", "mid", "random_00", "random_01")
"""With and without the stem's residual convolution, all widths, depths and expansions, odd and even sides."""

both_types = pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=["float32", "float64"])


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


def few_or_slow(names: list[str], few: tuple[str, ...]) -> pytest.MarkDecorator:
    """One test for each name; those not among `few` are slow."""
    return pytest.mark.parametrize(
        "name", [name if name in few else pytest.param(name, marks=pytest.mark.slow) for name in names]
    )


@both_types
@few_or_slow(list(BY_NAME), FEW)
def test_logits_of_every_listed_subnetwork(name: str, dtype: torch.dtype) -> None:
    net, row = golden.network(NAME, dtype), BY_NAME[name]
    reference = golden.logits(NAME)["logits_dynamic" if dtype == FLOAT32 else "logits_f64"][row["logits_row"]]
    a, x = architecture(row), images(row["r"], dtype)
    with torch.no_grad():
        dynamic, extracted = net(x, a), net.extract(a)(x)
    assert golden.deviation(dynamic, reference) < TOLERANCE[dtype]
    assert torch.equal(dynamic, extracted)


@both_types
@few_or_slow([row["name"] for row in golden.read(NAME, "subnets")["recal"]], ("min", "random_00"))
def test_logits_after_batch_norm_recalibration(name: str, dtype: torch.dtype) -> None:
    net, row = golden.network(NAME, dtype), BY_NAME[name]
    recalibrated = next(entry["row"] for entry in golden.read(NAME, "subnets")["recal"] if entry["name"] == name)
    reference = golden.logits(NAME)["recal_dynamic" if dtype == FLOAT32 else "recal_f64"][recalibrated]
    subnet = net.extract(architecture(row))
    calibrate(subnet, [images(96, dtype, 8, start) for start in (100, 108)])
    with torch.no_grad():
        ours = subnet(images(row["r"], dtype))
    assert golden.deviation(ours, reference) < RECALIBRATED_TOLERANCE[dtype]


@pytest.mark.parametrize("name", golden.read(NAME, "subnets")["slices"])
def test_extracted_tensors_are_the_reference_slices(name: str) -> None:
    extracted = golden.network(NAME, FLOAT32).extract(architecture(BY_NAME[name])).state_dict()
    reference = golden.read(NAME, "subnets")["slices"][name].values()
    assert Counter(
        (tuple(tensor.shape), golden.crc32(tensor)) for tensor in extracted.values() if tensor.ndim
    ) == Counter((tuple(shape), crc) for shape, crc in reference if shape)


def test_costs_of_every_row_equal_the_integer() -> None:
    space, rows = get_space(NAME), golden.read(NAME, "costs")["rows"]
    assert len(rows) == 203
    for row in rows:
        cost = space.cost(architecture(row))
        assert (cost.macs, cost.params) == (row["macs_flops_model"], row["params"]), row["name"]


@pytest.mark.parametrize("name", FEW)
def test_parameters_and_macs_equal_a_count_of_the_real_network(name: str) -> None:
    net, row = golden.network(NAME, FLOAT32), BY_NAME[name]
    a = architecture(row)
    subnet, cost = net.extract(a), net.space.cost(a)
    assert sum(p.numel() for p in subnet.parameters()) == cost.params
    assert golden.count_macs(subnet, row["r"]) == cost.macs
