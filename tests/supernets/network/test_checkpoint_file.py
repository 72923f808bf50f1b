"""Checkpoints as programs of the field write them: read where they have one meaning, else explained."""

from __future__ import annotations

import argparse
import gzip
import os
import pickle
import random
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from supernets.network.checkpoint import save_weights
from supernets.network.checkpoint_file import (
    CheckpointError,
    has_changed,
    is_safetensors,
    read_checkpoint,
    write_checkpoint,
)

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2), "b.counter": torch.tensor(3)}


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
    with pytest.raises(CheckpointError, match=r"Python objects besides \(posix\.system\); code .* is never run"):
        read_checkpoint(path)
    bare = tmp_path / "bare.pth"
    bare.write_bytes(pickle.dumps(_RunsCode(marker)))
    with pytest.raises(CheckpointError):
        read_checkpoint(bare)
    assert not marker.exists()


def test_files_that_hold_no_tensors_or_are_not_there(tmp_path: Path) -> None:
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="found one list; save the weights with"):
        read_checkpoint(tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="found nothing"):
        read_checkpoint(tmp_path / "absent.pth")
    with pytest.raises(CheckpointError, match="found a folder"):
        read_checkpoint(tmp_path)
    (tmp_path / "text.pth").write_text("not a checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_checkpoint(tmp_path / "text.pth")


def prefixed(*prefixes: str) -> dict[str, torch.Tensor]:
    return {"".join(prefixes) + name: tensor for name, tensor in STATE.items()}


OPTIMISER = {"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
WHOLE: dict[str, Any] = {
    "bare": STATE,
    "ordered": OrderedDict(STATE),
    "net": {"net": STATE, "epoch": 3},
    "model_state_dict": {"model_state_dict": STATE, "optimizer_state_dict": OPTIMISER},
    "timm": {"epoch": 3, "arch": "x", "state_dict": STATE, "optimizer": OPTIMISER, "metric": 71.5},
    "autoformer": {"model": STATE, "optimizer": OPTIMISER, "args": argparse.Namespace(lr=0.1), "epoch": 9},
    "both": {"state_dict": STATE, "state_dict_ema": prefixed("other.")},
    "unknown name": {"my_supernet": STATE, "step": 7},
    "twice": {"checkpoint": {"state_dict": STATE}},
    "parallel": {"state_dict": prefixed("module.")},
    "double parallel": prefixed("module.", "module."),
    "compiled": prefixed("_orig_mod."),
    "compiled and parallel": {"model": prefixed("module.", "_orig_mod.")},
    "lightning": {"state_dict": prefixed("model."), "pytorch-lightning_version": "2.0"},
    "numbers beside": {**STATE, "epoch": 3, "best_acc": 71.5, "name": "x"},
    "numpy beside": {"state_dict": STATE, "best": np.float64(71.5), "top1": np.float32(71.5), "epoch": np.int64(3)},
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
def test_wrappers_with_one_meaning_are_taken_off(kind: str, old: bool, tmp_path: Path) -> None:
    torch.save(WHOLE[kind], path := tmp_path / "w.bin", _use_new_zipfile_serialization=not old)
    read = read_checkpoint(path)
    assert read.keys() == STATE.keys()
    assert all(torch.equal(tensor, STATE[name]) for name, tensor in read.items())


@given(st.lists(st.sampled_from(["state_dict", "model", "net", "ckpt", "x"]), max_size=3, unique=True), st.booleans())
def test_any_nesting_of_wrappers_is_taken_off(names: list[str], parallel: bool) -> None:
    inner: Any = prefixed("module.") if parallel else STATE
    for name in names:
        inner = {name: inner, "epoch": 3}
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"w{os.getpid()}.pth"
    try:
        torch.save(inner, path)
        assert read_checkpoint(path).keys() == STATE.keys()
    finally:
        path.unlink()


def test_the_content_decides_on_the_format(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "w.pth")
    torch.save(STATE, tmp_path / "w.safetensors")
    assert (
        read_checkpoint(tmp_path / "w.pth").keys() == read_checkpoint(tmp_path / "w.safetensors").keys() == STATE.keys()
    )
    assert [is_safetensors(tmp_path / name) for name in ("w.pth", "w.safetensors", "absent")] == [True, False, False]


def lfs_pointer(path: Path) -> None:
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def page(path: Path) -> None:
    path.write_text("<!DOCTYPE html><title>Sign in</title>")


def empty(path: Path) -> None:
    path.touch()


def compressed(path: Path) -> None:
    path.write_bytes(gzip.compress(b"weights"))


def script(path: Path) -> None:
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)), path)  # type: ignore[no-untyped-call]


def whole_network(path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), path)


def two_networks(path: Path) -> None:
    torch.save({"teacher": STATE, "student": STATE}, path)


def options_alone(path: Path) -> None:
    torch.save({"lr": 0.1, "epochs": 3}, path)


def optimiser_alone(path: Path) -> None:
    torch.save(OPTIMISER, path)


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (lfs_pointer, "found a pointer of Git LFS, not the weights; fetch them with `git lfs pull`"),
        (page, "found a web page, not the weights"),
        (empty, "found an empty file"),
        (compressed, "found a compressed archive; unpack it first"),
        (script, r"found a TorchScript archive; save the weights with `torch\.save\(torch\.jit\.load"),
        (whole_network, r"found Python objects besides \(torch\.nn\.modules\.linear\.Linear\).* `torch\.save"),
        (two_networks, r"found several sets: teacher, student; save one of them with `torch\.save.*'teacher'"),
        (options_alone, r"found 2 entries without tensors \(lr, epochs\); save the weights with"),
        (optimiser_alone, r"found 2 entries without tensors \(state, param_groups\)"),
    ],
)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_other_files_are_named_and_never_called_damaged(
    write: Callable[[Path], None], found: str, tmp_path: Path
) -> None:
    write(path := tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=found) as error:
        read_checkpoint(path)
    assert "damaged" not in str(error.value)


@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_change_of_any_bit_of_our_own_files_is_noticed(place: int, bit: int) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"own{os.getpid()}.safetensors"
    try:
        write_checkpoint(STATE, path, {"classes": "[1, 2]"})
        content = bytearray(path.read_bytes())
        content[place % len(content)] ^= 1 << bit
        path.write_bytes(content)
        try:
            read, changed = read_checkpoint(path), has_changed(path)
        except CheckpointError:
            return
        if changed:
            return
        # What is left are spaces between the header and the tensors, and the name of the checksum itself.
        assert all(torch.equal(tensor, STATE[name]) for name, tensor in read.items())
    finally:
        path.unlink()


def test_files_of_other_programs_need_no_checksum(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "w.safetensors", {"format": "pt"})
    assert read_checkpoint(tmp_path / "w.safetensors").keys() == STATE.keys()
    write_checkpoint(STATE, tmp_path / "own.safetensors", {"classes": "[1, 2]"})
    assert read_checkpoint(tmp_path / "own.safetensors").keys() == STATE.keys()
    assert not has_changed(tmp_path / "w.safetensors")
    assert not has_changed(tmp_path / "own.safetensors")


def test_an_edited_file_of_ours_is_read_and_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    write_checkpoint(STATE, path, {"classes": "[1, 2]"})
    with safe_open(path, "pt") as opened:
        metadata = opened.metadata()
    save_file({name: 2 * tensor for name, tensor in STATE.items()}, path, metadata)
    assert has_changed(path)
    assert read_checkpoint(path).keys() == STATE.keys()


@pytest.mark.parametrize("seed", range(40))
def test_a_change_of_any_bit_of_a_zip_archive_is_noticed(seed: int, tmp_path: Path) -> None:
    path, rng = tmp_path / "w.pth", random.Random(seed)
    torch.save({"state_dict": STATE}, path)
    content = bytearray(path.read_bytes())
    for _ in range(rng.randrange(1, 5)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    try:
        read = read_checkpoint(path)
    except CheckpointError:
        return
    assert read.keys() == STATE.keys()
    assert all(torch.equal(tensor, STATE[name]) for name, tensor in read.items())


def test_a_changed_value_in_a_zip_archive_is_told(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(20)}, path := tmp_path / "w.pth")
    stored = torch.ones(20).numpy().tobytes()
    path.write_bytes(path.read_bytes().replace(stored, b"\x01" + stored[1:]))
    with pytest.raises(CheckpointError, match="data/0 has changed since it was saved"):
        read_checkpoint(path)


def test_a_zip_archive_without_checksums_is_read(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"weight": torch.ones(3)}, tmp_path / "w.pth")
    finally:
        torch.serialization.set_crc32_options(True)
    assert torch.equal(read_checkpoint(tmp_path / "w.pth")["weight"], torch.ones(3))
