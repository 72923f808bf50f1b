"""Latency of NAS-Bench-201's networks on 27 devices, looked up; see `README.md` for the source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from supernets.latency.devices import Devices
from supernets.space.cost import Latency
from supernets.space.space import SearchSpace

FILE = Path(__file__).parent / "table.npz"
UNIT = 0.01
"""Unit of latencies in the table, in milliseconds."""
_PREFIX = "latency/"
_SIDE = 32


def _devices(space: SearchSpace) -> Sequence[str]:
    import numpy as np

    if space.resolution(space.smallest()) != _SIDE:
        return ()
    with np.load(FILE, allow_pickle=False) as table:
        return [name.removeprefix(_PREFIX) for name in table.files if name.startswith(_PREFIX)]


def _latency(space: SearchSpace, device: str) -> Latency:
    import numpy as np

    from supernets.evaluate.table import read_columns, row_of

    (column,) = read_columns(FILE, [_PREFIX + device], space.size())
    # A latency of 0 means less than the unit; a search divides limits by costs, which must be positive.
    milliseconds, row = (np.maximum(column, 1) * UNIT).tolist(), row_of(space)
    note = f"Latency on {device} is looked up, as Lee et al. (HELP, 2021) measured it."
    return Latency(
        device=device,
        of=lambda a: milliseconds[row(a)],
        minimum=min(milliseconds),
        maximum=max(milliseconds),
        note=note,
    )


DEVICES = Devices(names=_devices, latency=_latency)
