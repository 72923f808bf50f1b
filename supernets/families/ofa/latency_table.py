"""Tables of layer times, one for each device, and their file format: a NumPy archive with a note beside each table.

A network's latency is the sum over its acting layers. Knows no device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supernets.families.ofa.layout import DEPTHS, EXPANSIONS, KERNELS, RESOLUTIONS
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture, Choice

_NOTE = "/note"
Table = NDArray[np.float64]
"""Milliseconds by resolution, block, kernel and expansion; the entry after the last block has all other layers."""


def write_tables(path: Path, tables: Mapping[str, tuple[Table, str]]) -> None:
    """Write the table and the note of each `<supernet>/<device>`."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, (table, note) in tables.items():
        arrays |= {name: table.astype(np.float32), name + _NOTE: np.array(note)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@cache
def table_names(path: Path) -> tuple[str, ...]:
    """Names of the tables in a file, `<supernet>/<device>`."""
    with np.load(path, allow_pickle=False) as file:
        return tuple(name for name in file.files if not name.endswith(_NOTE))


def read_table(path: Path, name: str) -> tuple[Table, str]:
    """A table and its note.

    Raises:
        OSError, ValueError, KeyError, zipfile.BadZipFile: the file cannot be read, or has no such table.
    """
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file[name], dtype=np.float64), str(file[name + _NOTE])


def summed(space: OFASpace, table: Table) -> Callable[[Architecture], float]:
    """A function from an architecture to its milliseconds."""
    # Plain floats, because reading one number from an array takes longer than the rest of the sum.
    others = dict(zip(RESOLUTIONS, table[:, -1, 0, 0].tolist(), strict=True))
    blocks = {
        (r, i, kernel, expansion): float(table[at, i, k, e])
        for at, r in enumerate(RESOLUTIONS)
        for i in range(space.layout.blocks)
        for k, kernel in enumerate(KERNELS)
        for e, expansion in enumerate(EXPANSIONS)
    }

    def latency(a: Architecture) -> float:
        r, ks, e = a["r"], a["ks"], a["e"]
        return float(others[r] + sum(blocks[r, i, ks[i], e[i]] for i in space.active_blocks(a)))

    return latency


def parts(space: OFASpace, table: Table) -> dict[tuple[str, ...], dict[tuple[Choice, ...], float]]:
    """Milliseconds of each part of a network, as `Latency.parts` has them."""
    found: dict[tuple[str, ...], dict[tuple[Choice, ...], float]] = {
        ("r",): {(r,): float(table[RESOLUTIONS.index(r), -1, 0, 0]) for r in space.resolutions}
    }
    for i in range(space.layout.blocks):
        found["r", f"ks[{i}]", f"e[{i}]"] = {
            (r, kernel, e): float(table[RESOLUTIONS.index(r), i, KERNELS.index(kernel), EXPANSIONS.index(e)])
            for r, kernel, e in product(space.resolutions, KERNELS, EXPANSIONS)
        }
    return found


def extreme(space: OFASpace, table: Table, best: Callable[..., Any]) -> float:
    """Minimum (`np.min`) or maximum (`np.max`) over all members; blocks add up, so each is optimised by itself."""
    table = table[[RESOLUTIONS.index(r) for r in space.resolutions]]
    chosen, totals = best(table[:, :-1], axis=(2, 3)), table[:, -1, 0, 0]
    for blocks in space.stage_blocks:
        by_depth = np.cumsum(chosen[:, blocks], axis=1)[:, min(*DEPTHS, len(blocks)) - 1 :]
        totals = totals + best(by_depth, axis=1)
    return float(best(totals))
