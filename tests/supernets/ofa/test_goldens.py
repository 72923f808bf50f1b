"""Our OFA networks against logits, tensors and costs that the authors' own code gave."""

from __future__ import annotations

import json
import zlib
from collections import Counter

import numpy as np
import pytest
import torch

from supernets import Architecture, get_space
from supernets.evaluate.calibrate import calibrate
from tests.goldens import fill
from tests.supernets.ofa import golden

FLOAT32, FLOAT64 = torch.float32, torch.float64
TOLERANCE = {FLOAT32: 5e-5, FLOAT64: 1e-9}
RECALIBRATED_TOLERANCE = {FLOAT32: 2e-4, FLOAT64: 1e-9}


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


def deviation(ours: torch.Tensor, reference: np.ndarray) -> float:
    """Largest difference in units of the row's standard deviation."""
    return float(np.abs(ours.numpy() - reference).max() / reference.std())


def test_the_filled_tensors_are_those_of_the_reference() -> None:
    for check in json.loads((golden.FOLDER / "fill_check.json").read_text()):
        if "image_batch" in check:
            count, resolution, start = check["image_batch"]
            tensor = fill.image_batch(count, resolution, check["salt"], start)
        elif check["salt"] == "golden" and not check["key"].startswith("*"):
            name = next(name for name, family in golden.FAMILIES.items() if family == check["family"])
            tensor = golden.released_state(name)[check["key"]].numpy()
        else:
            continue
        assert f"{zlib.crc32(np.ascontiguousarray(tensor).tobytes()):08x}" == check["crc32"], check


@pytest.mark.parametrize("name", golden.FAMILIES)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=["float32", "float64"])
def test_logits_of_every_listed_subnetwork(name: str, dtype: torch.dtype) -> None:
    net = golden.network(name, dtype)
    references = golden.logits(name)["logits_dynamic" if dtype == FLOAT32 else "logits_f64"]
    for row in golden.read(name, "subnets")["subnets"]:
        a, x = golden.architecture(name, row), golden.images(row["r"], dtype)
        with torch.no_grad():
            dynamic, extracted = net(x, a), net.extract(a)(x)
        assert deviation(dynamic, references[row["logits_row"]]) < TOLERANCE[dtype], row["name"]
        assert torch.equal(dynamic, extracted), row["name"]


@pytest.mark.parametrize("name", golden.FAMILIES)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=["float32", "float64"])
def test_logits_after_batch_norm_recalibration(name: str, dtype: torch.dtype) -> None:
    net = golden.network(name, dtype)
    listed = golden.read(name, "subnets")
    references = golden.logits(name)["recal_dynamic" if dtype == FLOAT32 else "recal_f64"]
    rows = {row["name"]: row for row in listed["subnets"]}
    batches = [golden.images(96, dtype, 8, start) for start in (100, 108)]
    for recalibrated in listed["recal"]:
        row = rows[recalibrated["name"]]
        subnet = net.extract(golden.architecture(name, row))
        calibrate(subnet, batches)
        with torch.no_grad():
            ours = subnet(golden.images(row["r"], dtype))
        assert deviation(ours, references[recalibrated["row"]]) < RECALIBRATED_TOLERANCE[dtype], row["name"]


@pytest.mark.parametrize("name", golden.FAMILIES)
def test_extracted_tensors_are_the_reference_slices(name: str) -> None:
    net, listed = golden.network(name, FLOAT32), golden.read(name, "subnets")
    rows = {row["name"]: row for row in listed["subnets"]}
    for subnet, tensors in listed["slices"].items():
        extracted = net.extract(golden.architecture(name, rows[subnet])).state_dict()
        ours = Counter(f"{zlib.crc32(tensor.numpy().tobytes()):08x}" for tensor in extracted.values() if tensor.ndim)
        reference = Counter(crc for _, (shape, crc) in tensors.items() if shape)
        # Kernels that were transformed are computed, so their last bits may differ; all else is copied.
        transformed = sum(1 for key, (shape, _) in tensors.items() if "depth_conv.conv" in key and shape[-1] < 7)
        assert ours.total() == reference.total()
        assert (reference - ours).total() <= transformed


@pytest.mark.parametrize("name", golden.FAMILIES)
def test_costs_of_every_row_equal_the_integer(name: str) -> None:
    space = get_space(name)
    rows = golden.read(name, "costs")["rows"]
    assert len(rows) > 200 or name == "ofa-proxyless"
    for row in rows:
        cost = space.cost(golden.architecture(name, row))
        assert (cost.macs, cost.params) == (row["macs_flops_model"], row["params"]), row["name"]


@pytest.mark.parametrize(("name", "column"), [("ofa", "table_mflops_1_2"), ("ofa-w1.0", "table_mflops_1_0")])
def test_paper_macs_equal_the_published_table(name: str, column: str) -> None:
    space = get_space(name)
    for row in json.loads((golden.FOLDER / "ofa_tables.json").read_text())["rows"]:
        a: Architecture = space.parse({key: row[key] for key in ("r", "d", "ks", "e")})
        assert space.cost(a).paper_macs_m == pytest.approx(row[column], abs=1e-9), row["name"]


@pytest.mark.parametrize("name", golden.FAMILIES)
def test_parameters_and_macs_equal_a_count_of_the_real_network(name: str) -> None:
    net = golden.network(name, FLOAT32)
    for row in golden.read(name, "subnets")["subnets"][:3]:
        a = golden.architecture(name, row)
        subnet, cost = net.extract(a), net.space.cost(a)
        assert sum(p.numel() for p in subnet.parameters()) == cost.params
        assert _count_macs(subnet, row["r"]) == cost.macs


def _count_macs(subnet: torch.nn.Module, resolution: int) -> int:
    """MACs by watching every convolution and linear layer of a forward pass."""
    total = 0

    def watch(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        assert isinstance(module, torch.nn.Conv2d | torch.nn.Linear)
        total += module.weight[0].numel() * output[0].numel()

    hooks = [
        module.register_forward_hook(watch)
        for module in subnet.modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)
    ]
    with torch.no_grad():
        subnet(golden.images(resolution, FLOAT32)[:1])
    for hook in hooks:
        hook.remove()
    return total
