"""What a deployed sub-network costs, and how its operators are counted.

MACs are multiply-accumulates of convolutions, matrix products and linear layers; batch norm (folded when
deployed), activations and pooling count nothing. Knows no family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from supernets.space.architecture import Architecture


@dataclass(frozen=True)
class Cost:
    """Exact counts; `paper_macs_m` is the published table's figure where a family has one.

    `latency_ms` is known on the device that a space is `timed` for. `memory_mb` is the peak activation memory in
    megabytes of 10^6 bytes, as `supernets/space/memory.py` defines it; None for families that do not count it.
    """

    macs: int
    params: int
    paper_macs_m: float | None = None
    latency_ms: float | None = None
    memory_mb: float | None = None

    @property
    def macs_m(self) -> float:
        return self.macs / 1e6

    @property
    def params_m(self) -> float:
        return self.params / 1e6


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
class Operator:
    """One counted operator: what a cost adds up and what a graph shows as a node."""

    operator: str
    channels: int
    side: int
    kernel: int
    stride: int
    macs: int
    params: int

    @property
    def values(self) -> int:
        """Size of what the operator writes, where that is a square of `side`."""
        return self.channels * self.side**2


def conv(
    name: str, cin: int, cout: int, side: int, kernel: int = 1, stride: int = 1, *, groups: int = 1, bn: bool = True
) -> Operator:
    """A convolution without bias that leaves a square of `side`, with its batch norm's scale and shift."""
    weights = cin // groups * cout * kernel * kernel
    return Operator(name, cout, side, kernel, stride, weights * side * side, weights + (2 * cout if bn else 0))


def linear(name: str, cin: int, cout: int) -> Operator:
    """A linear layer, or a 1x1 convolution of pooled features, with bias."""
    return Operator(name, cout, 1, 1, 1, cin * cout, cin * cout + cout)
