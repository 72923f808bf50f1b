from __future__ import annotations

import pytest
import torch

from supernets.network.checkpoint import load_state, weights_hash
from supernets.network.checkpoint_file import CheckpointError


def test_two_names_for_one_tensor_are_refused() -> None:
    state = {"weight": torch.zeros(2, 3), "module.weight": torch.zeros(2, 3), "bias": torch.zeros(2)}
    with pytest.raises(CheckpointError, match="same tensor"):
        load_state(torch.nn.Linear(3, 2), state, lambda name: name.removeprefix("module."), "a test")


def test_the_hash_follows_values_and_names() -> None:
    torch.manual_seed(0)
    a = torch.nn.Linear(3, 2)
    before = weights_hash(a.state_dict())
    assert weights_hash(a.state_dict()) == before
    with torch.no_grad():
        a.weight[0, 0] += 1
    assert weights_hash(a.state_dict()) != before


def _linear(**replaced: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"weight": torch.ones(2, 3), "bias": torch.zeros(2)} | replaced


@pytest.mark.parametrize(
    "bad",
    [
        torch.tensor([0.0, float("nan")]),
        torch.tensor([float("inf"), 0.0]),
        torch.tensor([0.0, -float("inf")], dtype=torch.float16),
        torch.tensor([float("nan"), 0.0], dtype=torch.bfloat16),
        torch.tensor([1e300, 0.0], dtype=torch.float64),
        torch.tensor([float("nan")] * 2).to(torch.float8_e4m3fn),
    ],
)
def test_values_that_are_not_finite_are_refused_by_name_and_change_nothing(bad: torch.Tensor) -> None:
    net = torch.nn.Linear(3, 2)
    before = weights_hash(net.state_dict())
    with pytest.raises(CheckpointError, match=r"not finite \(NaN or infinity\): bias;"):
        load_state(net, _linear(bias=bad), str, "a test")
    assert weights_hash(net.state_dict()) == before


@pytest.mark.parametrize(
    "bad",
    [
        torch.zeros(2, dtype=torch.int8),
        torch.zeros(2, dtype=torch.uint8),
        torch.zeros(2, dtype=torch.int64),
        torch.zeros(2, dtype=torch.bool),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2).to_sparse(),
        torch.zeros(2, device="meta"),
    ],
)
def test_numbers_of_another_kind_are_refused_by_name(bad: torch.Tensor) -> None:
    with pytest.raises(CheckpointError, match=r"1 not plain floating-point numbers .*: bias is"):
        load_state(torch.nn.Linear(3, 2), _linear(bias=bad), str, "a test")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_finite_values_of_every_precision_are_loaded(dtype: torch.dtype) -> None:
    net = torch.nn.Linear(3, 2)
    load_state(net, _linear(bias=torch.tensor([0.5, -2.0], dtype=dtype)), str, "a test")
    assert net.bias.tolist() == [0.5, -2.0]


@pytest.mark.parametrize("change", ["missing", "extra", "elsewhere"])
def test_counters_of_batches_may_differ(change: str) -> None:
    net, other = (torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)) for _ in range(2))
    state = {name: tensor for name, tensor in net.state_dict().items() if not name.endswith("num_batches_tracked")}
    if change == "extra":
        state |= {"0.num_batches_tracked": torch.tensor(7), "1.num_batches_tracked": torch.tensor(7)}
    if change == "elsewhere":
        state |= {"9.bn.num_batches_tracked": torch.tensor(7)}
    load_state(other, state, lambda name: name, "a net")
    assert torch.equal(other.state_dict()["0.weight"], net.state_dict()["0.weight"])
    with pytest.raises(CheckpointError, match=r"1 missing: 1\.running_mean"):
        load_state(other, {n: t for n, t in state.items() if n != "1.running_mean"}, lambda name: name, "a net")
