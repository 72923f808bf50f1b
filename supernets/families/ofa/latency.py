"""Latency of OFA sub-networks: the sum over the layers that act, by a table for each device.

Notable: phones and processors were measured layer by layer, graphics cards and a user's own device as whole networks,
to which the times of layers are fitted; all have the same kind of table and file, with a note beside each table.
`README.md` has the source of the measurements and the errors of such sums; `tools/pack_ofa_latency.py` makes the
bundled file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.errors import UserError
from supernets.families.ofa.latency_fit import fit_layers
from supernets.families.ofa.latency_table import Table, extreme, parts, read_table, summed, table_names, write_tables
from supernets.families.ofa.space import OFASpace
from supernets.latency.devices import Devices
from supernets.space.architecture import Architecture
from supernets.space.cost import Latency
from supernets.space.space import SearchSpace

FILE = Path(__file__).parent / "latency.npz"
OWN = "own"
"""Name of the device in a file of a user's own measurements."""


def _devices(space: SearchSpace) -> Sequence[str]:
    prefix = f"{_supernet(space)}/"
    return [name.removeprefix(prefix) for name in table_names(FILE) if name.startswith(prefix)]


def _supernet(space: SearchSpace) -> str:
    """The supernet whose networks the space has; latency does not depend on the source of scores."""
    return space.name.removesuffix("-predicted")


def _latency(space: SearchSpace, device: str, path: Path = FILE) -> Latency:
    assert isinstance(space, OFASpace)
    table, note = read_table(path, f"{_supernet(space)}/{device}")
    return Latency(
        device=device,
        of=summed(space, table),
        minimum=extreme(space, table, np.min),
        maximum=extreme(space, table, np.max),
        note=note,
        parts=parts(space, table),
    )


def _read(space: SearchSpace, path: Path) -> Latency:
    try:
        return _latency(space, OWN, path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"--latency-device {path}: expected a file that `measure --supernet {_supernet(space)} --out FILE` wrote; "
            f"it cannot be read as one ({error})"
        ) from None


def _learn(space: SearchSpace, networks: Sequence[Architecture], times: Table, about: str, path: Path) -> str:
    assert isinstance(space, OFASpace)
    fitted = fit_layers(space, networks, times)
    note = f"Latency is that of {about}, by a model fitted to {len(networks)} networks measured there: {fitted.errors}"
    write_tables(path, {f"{_supernet(space)}/{OWN}": (fitted.table, note)})
    return note


DEVICES = Devices(names=_devices, latency=_latency, learn=_learn, read=_read)
