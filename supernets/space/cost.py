"""Costs of a deployed sub-network, and how its operators are counted.

MACs are multiply-accumulates of convolutions, matrix products and linear layers; batch norm (folded when
deployed), activations and pooling count nothing. `COST_KINDS` describes every figure of a `Cost`: columns of archives
and tables, fields of JSON output, limits and their options are derived from it. Knows no family.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from supernets.space.architecture import Architecture, Choice


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Exact counts of one sub-network."""

    macs: int
    params: int
    paper_macs_m: float | None = None
    """M MACs by the count of the published papers; None for a family without such a count."""
    latency_ms: float | None = None
    """Milliseconds on the device of the space's latency model; None for a space without one."""
    memory_mb: float | None = None
    """Peak activation memory in megabytes of 10^6 bytes (`supernets/space/memory.py`); None for families without it."""

    @property
    def macs_m(self) -> float:
        return self.macs / 1e6

    @property
    def params_m(self) -> float:
        return self.params / 1e6

    def figure(self, name: str) -> float | None:
        """The figure of the kind of this name, in its unit; None where it is not known."""
        found: float | None = getattr(self, name)
        return found

    def figures(self) -> dict[str, float | None]:
        """Every figure by the name of its kind, in the order of `COST_KINDS`."""
        return {name: getattr(self, name) for name in COST_KINDS}

    @classmethod
    def from_figures(cls, figures: Mapping[str, float | None]) -> Self:
        """The inverse of `figures`. MACs and parameters must be known; a figure that is missing is not known."""
        values: dict[str, Any] = dict(figures)
        for name, count in _COUNTS.items():
            value = values.pop(name)
            values[count] = None if value is None else round(1e6 * value)
        return cls(**values)


_COUNTS = {"macs_m": "macs", "params_m": "params"}
"""Figures in millions, and the exact counts that they show."""


@dataclass(frozen=True, kw_only=True)
class CostKind:
    """How one figure of a `Cost` is named, limited and shown."""

    name: str
    """Attribute of `Cost`, column of archives and tables, field of JSON output; its ending is the unit."""
    label: str
    """Name of the quantity in sentences."""
    unit: str
    heading: str
    """Heading of its column in the trace."""
    digits: int
    """Decimals in a column."""
    exact_digits: int
    """Decimals in the description of one architecture."""
    help: str
    """Help text of the option that limits it."""
    always_shown: bool = False
    """Whether the trace shows it without a limit on it."""


COST_KINDS: Mapping[str, CostKind] = {
    kind.name: kind
    for kind in (
        CostKind(
            name="macs_m", label="MACs", unit="M", heading="M MACs", digits=1, exact_digits=2, always_shown=True,
            help="Limit on MACs of the full-size network, in millions.",
        ),
        CostKind(
            name="params_m", label="parameters", unit="M", heading="M params", digits=2, exact_digits=3,
            always_shown=True, help="Limit on parameters, in millions, at full size.",
        ),
        CostKind(
            name="paper_macs_m", label="the paper's MACs", unit="M", heading="M paper MACs", digits=1, exact_digits=2,
            help="Limit on MACs as the paper counts them, in millions.",
        ),
        CostKind(
            name="latency_ms", label="latency", unit="ms", heading="ms", digits=2, exact_digits=2,
            help="Limit on latency, in milliseconds.",
        ),
        CostKind(
            name="memory_mb", label="peak memory", unit="MB", heading="MB memory", digits=3, exact_digits=3,
            help="Limit on peak activation memory of one image in 8-bit integers, in MB.",
        ),
    )
}  # fmt: skip
"""The kinds of costs by name, in the order of columns."""


def shown_kinds(limited: Collection[str]) -> tuple[CostKind, ...]:
    """The kinds that a trace shows: some always, others if they are limited."""
    return tuple(kind for kind in COST_KINDS.values() if kind.always_shown or kind.name in limited)


@dataclass(frozen=True, kw_only=True)
class Latency:
    """The latency model of a space on one device, in milliseconds."""

    device: str
    of: Callable[[Architecture], float]
    """Returns the milliseconds of an architecture."""
    minimum: float
    """Minimum over all members of the space."""
    maximum: float
    """Maximum over all members of the space."""
    note: str
    """A sentence for the user on the origin of the measurements and their accuracy."""
    parts: Mapping[tuple[str, ...], Mapping[tuple[Choice, ...], float]] | None = None
    """Milliseconds of each part of a network by the choices of its dimensions, whose labels are the key; None if the
    latency is not the sum of parts."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One operator with its counts: a summand of a cost, and a node of a graph."""

    operator: str
    channels: int
    side: int
    kernel: int = 1
    stride: int = 1
    macs: int = 0
    params: int = 0

    @property
    def values(self) -> int:
        """Size of what the operator writes, where that is a square of `side`."""
        return self.channels * self.side**2


def conv(
    name: str, cin: int, cout: int, side: int, kernel: int = 1, stride: int = 1, *, groups: int = 1, bn: bool = True
) -> Operator:
    """A convolution without bias and with outputs of `side`, with its batch norm's scale and shift."""
    weights = cin // groups * cout * kernel * kernel
    return Operator(
        operator=name,
        channels=cout,
        side=side,
        kernel=kernel,
        stride=stride,
        macs=weights * side * side,
        params=weights + (2 * cout if bn else 0),
    )


def linear(name: str, cin: int, cout: int) -> Operator:
    """A linear layer, or a 1x1 convolution of pooled features, with bias."""
    return Operator(operator=name, channels=cout, side=1, macs=cin * cout, params=cin * cout + cout)


def totals(operators: Iterable[Operator]) -> tuple[int, int]:
    """MACs and parameters of several operators together."""
    counts = [(op.macs, op.params) for op in operators]
    return sum(macs for macs, _ in counts), sum(params for _, params in counts)
