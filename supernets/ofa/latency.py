"""Latency of OFA sub-networks: the sum over the layers that act, by a table for each device.

Notable: phones and processors were measured layer by layer, graphics cards as whole networks, to which the times of
layers were fitted; both are one kind of table here. `README.md` says whose measurements these are and how well such
sums agree with them; `pack_latency.py` makes the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supernets.latency import Devices, Latency
from supernets.ofa.layout import DEPTHS, EXPANSIONS, KERNELS, RESOLUTIONS
from supernets.ofa.space import OFASpace
from supernets.space import Architecture, SearchSpace

FILE = Path(__file__).parent / "latency.npz"
MEASURED_BY_LAYER = ("note10", "i7-8700k")
Table = NDArray[np.float64]
"""Milliseconds by resolution, block, kernel and expansion; after the last block, first entry: all other layers."""


@cache
def _names() -> tuple[str, ...]:
    with np.load(FILE, allow_pickle=False) as file:
        return tuple(file.files)


def _devices(space: SearchSpace) -> Sequence[str]:
    prefix = f"{_supernet(space)}/"
    return [name.removeprefix(prefix) for name in _names() if name.startswith(prefix)]


def _supernet(space: SearchSpace) -> str:
    """Whose networks the space has: they take their time wherever their scores come from."""
    return space.name.removesuffix("-predicted")


def _latency(space: SearchSpace, device: str) -> Latency:
    assert isinstance(space, OFASpace)
    with np.load(FILE, allow_pickle=False) as file:
        table = np.asarray(file[f"{_supernet(space)}/{device}"], dtype=np.float64)
    least, greatest = _extreme(space, table, np.min), _extreme(space, table, np.max)
    return Latency(device, _sums(space, table), least, greatest, _note(device))


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
        by_depth = np.cumsum(chosen[:, blocks], axis=1)[:, min(DEPTHS) - 1 :]
        totals = totals + best(by_depth, axis=1)
    return float(best(totals))


def _note(device: str) -> str:
    if device in MEASURED_BY_LAYER:
        return f"Latency is the sum of layers that were measured one by one on {device}, one image at a time."
    card, _, batch = device.rpartition("_")
    return (
        f"Latency is that of a batch of {batch} on {card}, by a model fitted to 5,000 measured networks (Lee et al., "
        "HELP, 2021); supernets/ofa/README.md tells its errors."
    )


DEVICES = Devices(_devices, _latency)
