"""Upper limits on costs: whether an architecture keeps them, by how much it misses, and whether they can be met.

Notable: a sweep searches for several limits at once. Its rounds take turns, each with one of the limits, and what is
over it is not scored; what a round finds counts for its limit and every wider one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.errors import UserError, unknown_name
from graph.config import Config
from supernets.space.cost import COST_KINDS, Cost, CostKind
from supernets.space.space import SearchSpace

LEVELS = 6
"""Limits that a search for a whole front takes in turn; the last of them is none."""


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

    @property
    def main_column(self) -> str:
        """The cost that tells networks apart: the first limited one, else MACs."""
        return next(iter(self.maxima), "macs_m")

    def excess(self, cost: Cost) -> Excess | None:
        """The limit that is missed by the largest share, or None when all are kept."""
        missed = [
            Excess(COST_KINDS[name], limit, value)
            for name, limit in self.maxima.items()
            if (value := cost.figure(name)) is not None and value > limit
        ]
        return max(missed, key=lambda excess: excess.share, default=None)

    def __str__(self) -> str:
        return ", ".join(_in_words(name, [limit]) for name, limit in self.maxima.items()) or "no limit"

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


@dataclass(frozen=True)
class Sweep:
    """The limits that the rounds of a search keep in turn, the narrowest first; one for most searches.

    Each of them keeps all limits of the last.
    """

    each: tuple[Limits, ...]

    @classmethod
    def of(cls, config: Config, space: SearchSpace) -> Sweep:
        """The limits of a run.

        Raises:
            UserError: the objective is no cost of the space, or one that is limited.
        """
        if config.objective is not None:
            return cls._front(config.limits, config.objective, space)
        for name, maxima in config.sweep.items():
            return cls(tuple(Limits({**config.limits, name: maximum}) for maximum in maxima))
        return cls((Limits(config.limits),))

    @classmethod
    def _front(cls, limits: Mapping[str, float], column: str, space: SearchSpace) -> Sweep:
        """Limits on one cost at equal ratios between the smallest and the largest sub-network, the last one without."""
        smallest, largest = space.bounds()
        known = [name for name in COST_KINDS if smallest.figure(name) is not None]
        if column not in known:
            add = "; add --latency-device NAME" if column == "latency_ms" else ""
            raise UserError(f"objective: expected a cost of {space.name}, {', '.join(known)}; got {column}{add}")
        if column in limits:
            raise UserError(f"objective: expected no limit on {column}, got {limits[column]:g}; leave one of them out")
        low, high = smallest.figure(column), largest.figure(column)
        assert low is not None
        assert high is not None
        ratio = (high / low) ** (1 / LEVELS)
        maxima = [float(f"{low * ratio**level:.3g}") for level in range(1, LEVELS)]
        return cls((*(Limits({**limits, column: maximum}) for maximum in maxima), Limits(limits)))

    @property
    def column(self) -> str:
        """The cost column of which there are several limits."""
        wide = self.widest.maxima
        return next(name for name, limit in self.narrowest.maxima.items() if wide.get(name) != limit)

    def __len__(self) -> int:
        return len(self.each)

    @property
    def narrowest(self) -> Limits:
        """The limits of the round that has the most or the lowest."""
        return self.each[0]

    @property
    def widest(self) -> Limits:
        """The limits of the whole search."""
        return self.each[-1]

    def round(self, number: int) -> Limits:
        """The limits of a round, counted from 1: the widest first, which was measured to find more than the reverse."""
        return self.each[-1 - (number - 1) % len(self.each)]

    def check(self, space: SearchSpace) -> None:
        """
        Raises:
            UserError: a limit that no sub-network meets, or that every sub-network meets.
        """
        for limits in self.each:
            limits.check(space)


def limits_text(config: Config) -> str:
    """The limits of a run in words: `MACs <= 200, 250, 300 M`; `none` without any."""
    shown = [_in_words(name, config.sweep.get(name, [limit])) for name, limit in config.limits.items()]
    if config.objective is not None:
        shown.append(f"a front of top-1 against {COST_KINDS[config.objective].label}")
    return ", ".join(shown) or "none"


def _in_words(name: str, maxima: Sequence[float]) -> str:
    kind = COST_KINDS[name]
    return f"{kind.label} <= {', '.join(f'{each:g}' for each in maxima)} {kind.unit}"
