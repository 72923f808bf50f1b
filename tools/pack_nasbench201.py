"""Make the bundled table: `python -m tools.pack_nasbench201 ACCURACIES.csv.gz LATENCIES.csv.gz table.npz`.

Both files have a row for each cell in the benchmark's own order, the first with the cell string; the README of the
family describes their columns. Accuracies are kept in ten-thousandths of a percent, latencies in hundredths of a
millisecond, in the order in which `row_of` counts cells.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from supernets.evaluate.table import row_of
from supernets.families.nasbench201.family import UNIT
from supernets.families.nasbench201.latency import UNIT as LATENCY_UNIT
from supernets.families.registry import get_space

_DATASETS = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}
_SPLITS = {"validation": "valid", "test": "test"}


def pack(accuracies: Path, latencies: Path, target: Path) -> None:
    space = get_space("nasbench201")
    cells, timed = _rows(accuracies), _rows(latencies)
    order = np.argsort([row_of(space)(space.parse({"cell": row["arch"]})) for row in cells])
    assert len(cells) == len(timed) == space.size()

    def column(rows: list[dict[str, str]], name: str, unit: float, kind: DTypeLike) -> NDArray[np.generic]:
        return np.round(np.array([float(rows[i][name]) for i in order]) / unit).astype(kind)

    columns = {
        f"{dataset}/{split}/{epochs}": column(cells, f"{short}_{name}_{epochs}", UNIT, np.int32)
        for dataset, short in _DATASETS.items()
        for split, name in _SPLITS.items()
        for epochs in (200, 12)
    }
    devices = [name for name in timed[0] if name != "index"]
    columns |= {f"latency/{name}": column(timed, name, LATENCY_UNIT, np.uint16) for name in devices}
    np.savez_compressed(target, **columns)  # type: ignore[arg-type]


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:4]))
