from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from supernets.network.checkpoint import CheckpointError, load_state, read_checkpoint, save_weights, weights_hash


class _RunsCode:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.marker}",)


def test_a_safetensors_file_and_a_pytorch_file_give_the_same_tensors(tmp_path: Path) -> None:
    net = torch.nn.Linear(3, 2)
    save_weights(net, tmp_path / "w.safetensors", {"made": "here"})
    torch.save({"state_dict": net.state_dict(), "epoch": 3}, tmp_path / "w.pth")
    halves, floats = read_checkpoint(tmp_path / "w.safetensors"), read_checkpoint(tmp_path / "w.pth")
    assert halves.keys() == floats.keys()
    assert torch.equal(halves["weight"], floats["weight"].half())


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    if suffix == ".pth":
        torch.save(torch.nn.Linear(30, 20).state_dict(), path)
    else:
        save_weights(torch.nn.Linear(30, 20), path, {})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_checkpoint(path)


def test_a_pickle_that_would_run_code_is_refused_and_does_not_run(tmp_path: Path) -> None:
    path, marker = tmp_path / "w.pth", tmp_path / "ran"
    torch.save({"weight": _RunsCode(marker)}, path)
    with pytest.raises(CheckpointError):
        read_checkpoint(path)
    bare = tmp_path / "bare.pth"
    bare.write_bytes(pickle.dumps(_RunsCode(marker)))
    with pytest.raises(CheckpointError):
        read_checkpoint(bare)
    assert not marker.exists()


def test_files_that_hold_no_tensors_or_are_not_there(tmp_path: Path) -> None:
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="expected a mapping"):
        read_checkpoint(tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="found nothing"):
        read_checkpoint(tmp_path / "absent.pth")
    with pytest.raises(CheckpointError, match="found a folder"):
        read_checkpoint(tmp_path)
    (tmp_path / "text.pth").write_text("not a checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_checkpoint(tmp_path / "text.pth")


def test_two_names_for_one_tensor_are_refused() -> None:
    state = {"weight": torch.zeros(2, 3), "module.weight": torch.zeros(2, 3), "bias": torch.zeros(2)}
    with pytest.raises(CheckpointError, match="same tensor"):
        load_state(torch.nn.Linear(3, 2), state, lambda name: name.removeprefix("module."), "a test")


def test_the_hash_follows_values_and_names() -> None:
    torch.manual_seed(0)
    a = torch.nn.Linear(3, 2)
    before = weights_hash(a)
    assert weights_hash(a) == before
    with torch.no_grad():
        a.weight[0, 0] += 1
    assert weights_hash(a) != before


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
    before = weights_hash(net)
    with pytest.raises(CheckpointError, match=r"not finite \(NaN or infinity\): bias;"):
        load_state(net, _linear(bias=bad), str, "a test")
    assert weights_hash(net) == before


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
