"""Samples architectures by weights of their choices, within the window below the limit.

The log weights are shifted in proportion to the cost of each choice, with one factor for all, until the median sample
reaches the window; samples within it are kept. So all dimensions contribute to meeting the limit. The shift grows from
zero as long as samples by the weights alone do not suffice. This module knows no
scores.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from agents.models.analyst.cost_window import CostTarget
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix

_CHUNK, _CHUNKS = 1024, 12
_UNSHIFTED = 3
"""Chunks over which the shift towards the limit grows by half."""
_TRIAL = 256
_STEEPEST, _HALVINGS = 30.0, 12
_VARIETY = 0.7
"""Scale of a random shift common to all genes of a line or name without preferences, which makes dimensions differ."""


class Sampler:
    """Samples architectures near the limits of `target`."""

    def __init__(
        self, features: Features, target: CostTarget, weights: Matrix, exclude: Sequence[Indices] = ()
    ) -> None:
        """
        Args:
            weights: relative weight of each one-hot cell, 0 for never; equal weights of a gene mean no preference.
            exclude: combinations never to draw, as `StrategyBlock` has them.
        """
        self._table = features.table
        self._exclude = exclude
        self._target = target
        self._shape = (len(self._table.genes), self._table.width)
        with np.errstate(divide="ignore"):
            self._logits = np.log(weights)
        self._logits.reshape(self._shape)[np.arange(self._shape[1]) >= self._table.sizes[:, None]] = -np.inf
        shared = np.array([not group.endswith(" gene") for group in features.groups], dtype=bool)
        stated = np.ptp(weights.reshape(self._shape), axis=1) > 0
        self._shifts = _VARIETY * features.columns[:, shared].T * ~stated.repeat(self._shape[1])
        costs = [model.slopes for model in target.limited.values()]
        self._costs = np.sum(costs, axis=0) if costs else np.zeros(len(weights))

    def near(self, rng: np.random.Generator, count: int, avoid: Collection[str]) -> list[Indices]:
        """At most `count` distinct architectures within the window, or nearest to it if there are too few."""
        factor = self._cost_factor(rng) if self._target.limited else 0.0
        found: dict[str, Indices] = {}
        missed: list[tuple[float, str, Indices]] = []
        for chunk in range(_CHUNKS):
            # The weights alone first: shifting them towards the limit makes unlikely choices likely.
            share = min(1.0, chunk / _UNSHIFTED / 2) if factor else 1.0
            drawn = self._allowed(self._draw(rng, share * factor, _CHUNK))
            misses = self._target.penalty(self._table.hot(drawn))
            for i in np.argsort(misses, kind="stable")[: 4 * count]:
                mark = self._table.mark(drawn[i])
                if misses[i] > 0:
                    missed.append((float(misses[i]), mark, drawn[i]))
                elif mark not in avoid and len(found) < count:
                    found[mark] = drawn[i]
            if len(found) == count:
                break
        for _, mark, x in sorted(missed, key=lambda entry: entry[:2]):
            if mark not in avoid and len(found) < count:
                found[mark] = x
        return list(found.values())

    def _allowed(self, drawn: Indices) -> Indices:
        """The architectures with no excluded combination."""
        hot = self._table.hot(drawn)
        excluded = [(hot @ combination.T > 0).all(axis=1) for combination in self._exclude]
        return drawn[~np.any(excluded, axis=0)] if excluded else drawn

    def _cost_factor(self, rng: np.random.Generator) -> float:
        """The factor on the choices' costs with which the median sample is at the upper bound of the window."""
        seed = int(rng.integers(2**32))
        low, high = -_STEEPEST, _STEEPEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            # The same noise at every step makes the median monotonic in the factor.
            drawn = self._draw(np.random.default_rng(seed), middle, _TRIAL)
            over = float(np.median(self._target.excess(self._table.hot(drawn)))) > 0
            low, high = (low, middle) if over else (middle, high)
        return (low + high) / 2

    def _draw(self, rng: np.random.Generator, factor: float, count: int) -> Indices:
        """`count` samples; the largest of the logits plus Gumbel noise is a sample by the weights."""
        cells = self._logits + factor * self._costs + rng.gumbel(size=(count, len(self._logits)))
        cells += rng.normal(size=(count, len(self._shifts))) @ self._shifts
        return self._table.canonical(cells.reshape(count, *self._shape).argmax(axis=2))
