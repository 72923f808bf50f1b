"""Our one-shot networks against logits and costs that the authors' own code gave."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from tests.supernets.evaluate.calibrated import calibrate
from tests.supernets.families import golden
from tests.supernets.families.golden import FLOAT32, FLOAT64, RECALIBRATED_TOLERANCE, TOLERANCE

BY_NAME: dict[str, dict[str, Any]] = {row["name"]: row for row in golden.read("spos", "subnets")["subnets"]}

both_types = pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=["float32", "float64"])


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


def architecture(row: dict[str, Any]) -> Architecture:
    return get_space("spos").parse({"blocks": row["arch"]})


@both_types
def test_logits_of_every_listed_subnetwork(dtype: torch.dtype) -> None:
    net, x = golden.network("spos", dtype), golden.images(224, dtype)
    references = golden.logits("spos")["logits" if dtype == FLOAT32 else "logits_f64"]
    assert len(BY_NAME) == 14
    for row in BY_NAME.values():
        a = architecture(row)
        with torch.no_grad():
            dynamic, extracted = net(x, a), net.extract(a)(x)
        assert golden.deviation(dynamic, references[row["logits_row"]]) < TOLERANCE[dtype], row["name"]
        assert torch.equal(dynamic, extracted), row["name"]


@both_types
def test_logits_after_batch_norm_recalibration(dtype: torch.dtype) -> None:
    net = golden.network("spos", dtype)
    references = golden.logits("spos")["recal" if dtype == FLOAT32 else "recal_f64"]
    batches = [golden.images(224, dtype, 4, start) for start in range(100, 116, 4)]
    for recalibrated in golden.read("spos", "subnets")["recal"]:
        subnet = net.extract(architecture(BY_NAME[recalibrated["name"]]))
        calibrate(subnet, batches, "running")
        with torch.no_grad():
            ours = subnet(golden.images(224, dtype))
        reference = references[recalibrated["row"]]
        assert golden.deviation(ours, reference) < RECALIBRATED_TOLERANCE[dtype], recalibrated["name"]


def test_costs_of_every_row_equal_the_integer() -> None:
    space, rows = get_space("spos"), golden.read("spos", "costs")["rows"]
    assert len(rows) > 200
    for row in rows:
        cost = space.cost(architecture(row))
        assert (cost.macs, cost.params) == (row["macs"], row["params_with_bn_affine"]), row["name"]


def test_the_bounds_are_those_of_the_reference() -> None:
    space, costs = get_space("spos"), golden.read("spos", "costs")
    assert space.cost(space.smallest()).macs == space.bounds()[0].macs == costs["min"]["macs"]
    assert space.cost(space.largest()).macs == space.bounds()[1].macs == costs["max"]["macs"]


@pytest.mark.parametrize("name", ["all0", "all3", "paper_SPOS"])
def test_costs_equal_a_count_of_the_real_network(name: str) -> None:
    net, a = golden.network("spos", FLOAT32), architecture(BY_NAME[name])
    subnet, cost = net.extract(a), net.space.cost(a)
    # The deployed network has the scales and shifts that the supernet does without.
    normalised = sum(m.num_features for m in subnet.modules() if isinstance(m, torch.nn.BatchNorm2d))
    assert sum(p.numel() for p in subnet.parameters()) + 2 * normalised == cost.params
    assert golden.count_macs(subnet, 224) == cost.macs
