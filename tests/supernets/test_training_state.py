"""The state of a training: kept, compared, and refused where it is not one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from common.errors import UserError
from supernets.training_state import read_state, write_state

IDENTITY = {"supernet": "ofa", "width": 0.35, "images": "0123456789abcdef0123456789abcdef"}
STATE: dict[str, Any] = {
    "identity": IDENTITY, "net": {"w": torch.arange(3000.0)}, "optimiser": {}, "schedule": {}, "epochs": 3,
    "seconds": 1.5,
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_state(tmp_path / "own.state", STATE)
    return tmp_path / "own.state"


def test_a_state_is_read_as_it_was_written(path: Path) -> None:
    state = read_state(path, IDENTITY)
    assert state is not None
    assert torch.equal(state["net"]["w"], STATE["net"]["w"])
    assert state["epochs"] == 3
    assert [file.name for file in path.parent.iterdir()] == ["own.state"]


def test_no_state_is_none(tmp_path: Path) -> None:
    assert read_state(tmp_path / "own.state", IDENTITY) is None


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"width": 0.5}, "width: 0.35 there, 0.5 now"),
        ({"images": "f" * 32}, "images: 0123456789ab... there, ffffffffffff... now"),
        ({"divisor": 4}, "divisor: not recorded there, 4 now"),
        ({"supernet": "spos", "width": None}, "supernet: ofa there, spos now; width: 0.35 there, None now"),
    ],
)
def test_the_settings_that_differ_are_named(path: Path, changed: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError, match="the training beside --out has other settings") as error:
        read_state(path, IDENTITY | changed)
    assert f"settings: {named}. Repeat it" in str(error.value)
    assert path.exists()


@pytest.mark.parametrize("kept", [0, 1, 50, 1000, 5000])
def test_a_torn_state_is_told_as_such(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"expected the state of .* the file is damaged .* delete own\.state"):
        read_state(path, IDENTITY)


@pytest.mark.parametrize("content", [{}, [1, 2], {"identity": "ofa"}, STATE | {"identity": None}, torch.zeros(2)])
def test_another_file_is_told_as_such(path: Path, content: Any) -> None:
    torch.save(content, path)
    with pytest.raises(UserError, match="expected the state of an unfinished training"):
        read_state(path, IDENTITY)
