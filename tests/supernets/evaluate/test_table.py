"""Scores that are looked up: the bundled tables, their optima, and what is said of damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from supernets.evaluate.table import read_columns
from supernets.families.registry import get_space
from tests.supernets.families.tables import opened


@pytest.mark.parametrize(
    ("name", "named", "message"),
    [
        ("nasbench201", {"dataset": "cifar20"}, "nasbench201 has cifar10, cifar100, imagenet16-120; got 'cifar20'"),
        ("nasbench201", {"epochs": 90}, "--epochs: nasbench201 has 200 and 12; got 90"),
        ("nasbench201", {"weights": Path("w.pth"), "images": Path("d")}, "leave out --weights, --images"),
        ("ofa", {"epochs": 12}, "--epochs: ofa is not a tabular benchmark"),
    ],
)
def test_what_is_of_no_use_is_refused(name: str, named: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        opened(name, **named)


def test_data_sets_are_of_tables_only() -> None:
    with pytest.raises(UserError, match="--dataset cifar10: ofa has no data sets of its own; name images"):
        get_space("ofa", "cifar10")


@pytest.mark.parametrize("damage", ["missing", "cut", "text", "other columns", "other rows"])
def test_a_damaged_table_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "table.npz"
    np.savez_compressed(path, one=np.arange(30 if damage == "other rows" else 20))
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    if damage in ("cut", "text"):
        path.write_bytes(content[:100] if damage == "cut" else b"version 1 of something else\n")
    with pytest.raises(UserError, match=r"table .*table\.npz"):
        read_columns(path, ["two" if damage == "other columns" else "one"], 20)
