"""Latency of sub-networks on devices without measuring them: from a table, or from a model fitted to measurements.

A family lists the devices on which its networks were measured, and may fit a model to measurements on another device.
Knows no family and no table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from supernets.space.architecture import Architecture
from supernets.space.cost import Latency
from supernets.space.space import SearchSpace

SUFFIX = ".npz"
"""Suffix of files with the latency model of a user's own device; no device's name ends with it."""


@dataclass(frozen=True, kw_only=True)
class Devices:
    """The devices of a family and their latency models."""

    names: Callable[[SearchSpace], Sequence[str]] = lambda space: ()
    """Names of the devices on which networks of a space were measured."""
    latency: Callable[[SearchSpace, str], Latency] | None = None
    """Makes the latency model of a space for one of `names`."""
    learn: Callable[[SearchSpace, Sequence[Architecture], NDArray[np.float64], str, Path], str] | None = None
    """Fits a model to networks and their milliseconds on a device, writes it to a file with the device's description,
    and returns a sentence on its errors."""
    read: Callable[[SearchSpace, Path], Latency] | None = None
    """Reads the latency model of a space from a file that `learn` wrote."""

    def add_latency(self, space: SearchSpace, device: str) -> SearchSpace:
        """`space` with the latency on a device among its costs.

        Args:
            device: one of `names`, or a file that `learn` wrote.

        Raises:
            UserError: there are no measurements of this space on the device, or the file has none.
        """
        if self.read is not None and device.endswith(SUFFIX):
            return space.with_latency(self.read(space, Path(device)))
        known = self.names(space)
        if not known or self.latency is None:
            raise UserError(
                f"--latency-device {device}: no latency measurements of {space.name} are bundled; "
                "limit MACs with --max-macs instead"
            )
        if device not in known:
            own = "" if self.read is None else f"; for your own, `measure --out FILE{SUFFIX}`, then name the file"
            raise UserError(f"--latency-device: {space.name} was measured on {', '.join(known)}; got {device!r}{own}")
        return space.with_latency(self.latency(space, device))
