"""Make the bundled table: `python -m tools.pack_nasbench_macro nas-bench-macro_cifar10.json table.npz`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from supernets.evaluate.table import row_of
from supernets.families.nasbench_macro.family import NAME, TRAININGS, UNIT
from supernets.families.registry import get_space


def pack(source: Path, target: Path) -> None:
    space, networks = get_space(NAME), json.loads(source.read_text(encoding="utf-8"))
    assert len(networks) == space.size()
    accuracies = np.empty((space.size(), len(TRAININGS)))
    for digits, known in networks.items():
        a = space.parse({"layers": [int(digit) for digit in digits]})
        assert (space.cost(a).macs, space.cost(a).params) == (known["flops"], known["params"])
        accuracies[row_of(space)(a)] = known["test_acc"]
    columns = np.round(accuracies.T / UNIT).astype(np.uint16)
    np.savez_compressed(target, **dict(zip(TRAININGS, columns, strict=True)))


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
