"""How long a sub-network takes on a device, without measuring it: by a table, or a model fitted to measurements.

A family says on which devices its networks were measured, and may learn of another from the times of networks on it.
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
"""Of files that tell of a user's own device, and of no device's name."""


@dataclass(frozen=True, kw_only=True)
class Devices:
    """What a family knows of devices."""

    names: Callable[[SearchSpace], Sequence[str]] = lambda space: ()
    """Devices on which networks of a space were measured."""
    latency: Callable[[SearchSpace, str], Latency] | None = None
    """On one of these."""
    learn: Callable[[SearchSpace, Sequence[Architecture], NDArray[np.float64], str, Path], str] | None = None
    """Write a file of a user's device, from networks, their milliseconds and its description; what is to be said."""
    read: Callable[[SearchSpace, Path], Latency] | None = None
    """By a file that `learn` wrote."""

    def time(self, space: SearchSpace, device: str) -> SearchSpace:
        """`space`, timed for a device, or for the one that a file tells of.

        Raises:
            UserError: networks of this space were not measured on the device, or the file does not tell of them.
        """
        if self.read is not None and device.endswith(SUFFIX):
            return space.with_latency(self.read(space, Path(device)))
        known = self.names(space)
        if not known or self.latency is None:
            raise UserError(
                f"--latency-device {device}: nobody's measurements of {space.name} come with the program; "
                "limit MACs with --max-macs instead"
            )
        if device not in known:
            own = "" if self.read is None else f"; for your own, `measure --out FILE{SUFFIX}`, then name the file"
            raise UserError(f"--latency-device: {space.name} was measured on {', '.join(known)}; got {device!r}{own}")
        return space.with_latency(self.latency(space, device))
