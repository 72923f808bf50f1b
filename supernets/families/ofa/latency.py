"""Latency of OFA sub-networks: the sum over the layers that act, by a table for each device.

Notable: phones and processors were measured layer by layer, graphics cards and a user's own device as whole networks,
to which the times of layers were fitted; all are one kind of table here, and one kind of file, which has a note beside
each table. `README.md` says whose measurements these are and how well such sums agree with them; `pack_latency.py`
makes the bundled file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from supernets.families.ofa.layout import DEPTHS, EXPANSIONS, KERNELS, RESOLUTIONS
from supernets.families.ofa.space import OFASpace
from supernets.latency.devices import Devices, Latency
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

FILE = Path(__file__).parent / "latency.npz"
OWN = "own"
"""What the device is called in a file of a user's own."""
_NOTE = "/note"
Table = NDArray[np.float64]
"""Milliseconds by resolution, block, kernel and expansion; after the last block, first entry: all other layers."""


def write_tables(path: Path, tables: Mapping[str, tuple[Table, str]]) -> None:
    """`tables`: `<supernet>/<device>` to its table and its note."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, (table, note) in tables.items():
        arrays |= {name: table.astype(np.float32), name + _NOTE: np.array(note)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@cache
def _names() -> tuple[str, ...]:
    with np.load(FILE, allow_pickle=False) as file:
        return tuple(name for name in file.files if not name.endswith(_NOTE))


def _devices(space: SearchSpace) -> Sequence[str]:
    prefix = f"{_supernet(space)}/"
    return [name.removeprefix(prefix) for name in _names() if name.startswith(prefix)]


def _supernet(space: SearchSpace) -> str:
    """Whose networks the space has: they take their time wherever their scores come from."""
    return space.name.removesuffix("-predicted")


def _latency(space: SearchSpace, device: str, path: Path = FILE) -> Latency:
    assert isinstance(space, OFASpace)
    name = f"{_supernet(space)}/{device}"
    with np.load(path, allow_pickle=False) as file:
        table, note = np.asarray(file[name], dtype=np.float64), str(file[name + _NOTE])
    least, greatest = _extreme(space, table, np.min), _extreme(space, table, np.max)
    return Latency(device, _sums(space, table), least, greatest, note)


def _read(space: SearchSpace, path: Path) -> Latency:
    try:
        return _latency(space, OWN, path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"--latency-device {path}: expected a file that `measure --supernet {_supernet(space)} --out FILE` wrote; "
            f"it cannot be read as one ({error})"
        ) from None


def _learn(space: SearchSpace, networks: Sequence[Architecture], times: Table, about: str, path: Path) -> str:
    from supernets.families.ofa.latency_fit import fit_layers

    assert isinstance(space, OFASpace)
    fitted = fit_layers(space, networks, times)
    note = f"Latency is that of {about}, by a model fitted to {len(networks)} networks measured there: {fitted.errors}"
    write_tables(path, {f"{_supernet(space)}/{OWN}": (fitted.table, note)})
    return note


def _sums(space: OFASpace, table: Table) -> Callable[[Architecture], float]:
    # Plain numbers: to take one out of an array costs more than all the rest of a sum.
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


def _extreme(space: OFASpace, table: Table, best: Callable[..., Any]) -> float:
    """The least (`np.min`) or the greatest (`np.max`) of all members: blocks add up, so each is chosen by itself."""
    table = table[[RESOLUTIONS.index(r) for r in space.resolutions]]
    chosen, totals = best(table[:, :-1], axis=(2, 3)), table[:, -1, 0, 0]
    for blocks in space.stage_blocks:
        by_depth = np.cumsum(chosen[:, blocks], axis=1)[:, min(*DEPTHS, len(blocks)) - 1 :]
        totals = totals + best(by_depth, axis=1)
    return float(best(totals))


DEVICES = Devices(_devices, _latency, _learn, _read)
