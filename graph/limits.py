"""Upper limits on cost: which architectures keep them, by how much others miss, and whether they make sense at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.errors import UserError
from supernets.space.cost import Cost
from supernets.space.space import SearchSpace

LABELS = {"macs_m": "MACs", "params_m": "parameters", "paper_macs_m": "the paper's MACs", "latency_ms": "latency"}
"""Columns that limits are put on, as people call them."""


def unit(column: str) -> str:
    """`M` (millions) or `ms`."""
    return "ms" if column == "latency_ms" else "M"


@dataclass(frozen=True)
class Excess:
    """By how much one cost misses one limit; figures in the unit of the column."""

    column: str
    limit: float
    value: float

    @property
    def over(self) -> float:
        return self.value - self.limit

    @property
    def share(self) -> float:
        """How far over, as a share of the limit: comparable between columns."""
        return self.over / self.limit


@dataclass(frozen=True)
class Limits:
    """Cost column (`macs_m`, ..., `latency_ms`) to its greatest value, in millions or milliseconds; may be empty."""

    greatest: Mapping[str, float]

    def excess(self, costs: Mapping[str, float | None]) -> Excess | None:
        """The limit that is missed by the largest share, or None when all are kept."""
        missed = [
            Excess(column, limit, value)
            for column, limit in self.greatest.items()
            if (value := costs[column]) is not None and value > limit
        ]
        return max(missed, key=lambda excess: excess.share, default=None)

    def check(self, space: SearchSpace) -> None:
        """
        Raises:
            UserError: a limit that no sub-network can meet, or that every sub-network meets.
        """
        smallest, largest = map(costs_of, space.bounds())
        for column, limit in self.greatest.items():
            if column not in smallest:
                raise UserError(f"unknown limit {column!r}: expected one of {', '.join(smallest)}")
            low, high = smallest[column], largest[column]
            if column == "latency_ms" and low is None:
                raise UserError(f"{column} <= {limit:g}: on which device? Name one with --latency-device NAME")
            if low is None or high is None:
                raise UserError(f"{space.name} has no {column} to limit; limit macs_m or params_m instead")
            between = f"choose a limit between {low:.4g} and {high:.4g} {unit(column)}"
            if limit < low:
                raise UserError(
                    f"no sub-network of {space.name} meets {column} <= {limit:g}: the smallest has {low:.4g}; {between}"
                )
            if limit > high:
                raise UserError(
                    f"{column} <= {limit:g} limits nothing: the largest sub-network of {space.name} has {high:.4g}; "
                    f" leave the limit out, or {between}"
                )


def costs_of(cost: Cost) -> dict[str, float | None]:
    """A cost as the columns that limits are put on."""
    return {column: getattr(cost, column) for column in LABELS}
