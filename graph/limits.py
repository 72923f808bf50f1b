"""Upper limits on costs: whether an architecture keeps them, by how much it misses, and whether they can be met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.errors import UserError, unknown_name
from supernets.space.cost import COST_KINDS, Cost, CostKind
from supernets.space.space import SearchSpace


@dataclass(frozen=True)
class Excess:
    """By how much one cost misses one limit; figures in the unit of the kind."""

    kind: CostKind
    limit: float
    value: float

    @property
    def over(self) -> float:
        return self.value - self.limit

    @property
    def share(self) -> float:
        """How far over, as a share of the limit: comparable between kinds."""
        return self.over / self.limit


@dataclass(frozen=True)
class Limits:
    """Name of a kind of cost (`macs_m`, ...) to its upper limit, in its unit; may be empty."""

    maxima: Mapping[str, float]

    def excess(self, cost: Cost) -> Excess | None:
        """The limit that is missed by the largest share, or None when all are kept."""
        missed = [
            Excess(COST_KINDS[name], limit, value)
            for name, limit in self.maxima.items()
            if (value := cost.figure(name)) is not None and value > limit
        ]
        return max(missed, key=lambda excess: excess.share, default=None)

    def check(self, space: SearchSpace) -> None:
        """
        Raises:
            UserError: a limit that no sub-network meets, or that every sub-network meets.
        """
        smallest, largest = space.bounds()
        for name, limit in self.maxima.items():
            if name not in COST_KINDS:
                raise UserError(unknown_name("limit", name, list(COST_KINDS)))
            low, high = smallest.figure(name), largest.figure(name)
            if name == "latency_ms" and low is None:
                raise UserError(f"{name} <= {limit:g}: expected a device; add --latency-device NAME")
            if low is None or high is None:
                raise UserError(f"{space.name} has no {name} to limit; limit macs_m or params_m instead")
            between = f"choose a limit between {low:.4g} and {high:.4g} {COST_KINDS[name].unit}"
            if limit < low:
                raise UserError(
                    f"no sub-network of {space.name} meets {name} <= {limit:g}: the smallest has {low:.4g}; {between}"
                )
            if limit > high:
                raise UserError(
                    f"{name} <= {limit:g} limits nothing: the largest sub-network of {space.name} has {high:.4g}; "
                    f"leave the limit out, or {between}"
                )
