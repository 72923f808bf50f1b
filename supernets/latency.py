"""How long a sub-network takes on a device, without measuring it: by a table, or a model fitted to measurements.

A family says on which devices its networks were measured. Knows no family and no table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errors import UserError

if TYPE_CHECKING:
    from supernets.space import Architecture, SearchSpace


@dataclass(frozen=True)
class Latency:
    """Milliseconds on one device; `least` and `greatest` are over all members of the space."""

    device: str
    of: Callable[[Architecture], float]
    least: float
    greatest: float
    note: str
    """Whose measurements these are, in a sentence, and how far to trust them."""


@dataclass(frozen=True)
class Devices:
    """What a family knows of devices."""

    names: Callable[[SearchSpace], Sequence[str]] = lambda space: ()
    """Devices on which networks of a space were measured."""
    latency: Callable[[SearchSpace, str], Latency] | None = None
    """On one of these."""

    def time(self, space: SearchSpace, device: str) -> SearchSpace:
        """`space`, timed for a device.

        Raises:
            UserError: networks of this space were not measured on the device.
        """
        known = self.names(space)
        if not known or self.latency is None:
            raise UserError(
                f"--latency-device {device}: nobody's measurements of {space.name} come with the program; "
                "limit MACs with --max-macs instead"
            )
        if device not in known:
            raise UserError(f"--latency-device: {space.name} was measured on {', '.join(known)}; got {device!r}")
        return space.timed(self.latency(space, device))
