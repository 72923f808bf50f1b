"""Draws architectures by weights of their choices, held to the window below the limit.

Of all ways to reach a cost, the weights are tilted along each choice's cost, all by one factor, until the typical draw
lands in the window; draws that hit it are kept. So no single dimension pays for the limit. Knows no scores.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from agents.models.analyst.cost_window import CostTarget
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix

_CHUNK, _CHUNKS = 1024, 12
_TRIAL = 256
_STEEPEST, _HALVINGS = 30.0, 12
_VARIETY = 0.7
"""Size of the common lean of all genes of a line or a name, where nothing is preferred: it tells dimensions apart."""


class Sampler:
    """`weights`: relative weight of each one-hot cell, 0 for never; a gene of equal weights has no preference."""

    def __init__(self, features: Features, target: CostTarget, weights: Matrix) -> None:
        self._table = features.table
        self._target = target
        self._shape = (len(self._table.genes), self._table.width)
        with np.errstate(divide="ignore"):
            self._logits = np.log(weights)
        self._logits.reshape(self._shape)[np.arange(self._shape[1]) >= self._table.sizes[:, None]] = -np.inf
        shared = np.array([not group.endswith(" gene") for group in features.groups], dtype=bool)
        stated = np.ptp(weights.reshape(self._shape), axis=1) > 0
        self._leans = _VARIETY * features.columns[:, shared].T * ~stated.repeat(self._shape[1])
        costs = [model.times + model.plus for model in target.limited.values()]
        self._costs = np.sum(costs, axis=0) if costs else np.zeros(len(weights))

    def near(self, rng: np.random.Generator, count: int, avoid: Collection[str]) -> list[Indices]:
        """At most `count` distinct architectures: those in the window, and if these are too few, the nearest."""
        tilt = self._tilt(rng) if self._target.limited else 0.0
        found: dict[str, Indices] = {}
        missed: list[tuple[float, str, Indices]] = []
        for _ in range(_CHUNKS):
            drawn = self._draw(rng, tilt, _CHUNK)
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

    def _tilt(self, rng: np.random.Generator) -> float:
        """The factor on the choices' costs with which the median draw lands at the top of the window."""
        seed = int(rng.integers(2**32))
        low, high = -_STEEPEST, _STEEPEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            # The same noise at every step, so that the median rises with the factor.
            drawn = self._draw(np.random.default_rng(seed), middle, _TRIAL)
            over = float(np.median(self._target.excess(self._table.hot(drawn)))) > 0
            low, high = (low, middle) if over else (middle, high)
        return (low + high) / 2

    def _draw(self, rng: np.random.Generator, tilt: float, count: int) -> Indices:
        """Gene by gene: the largest of logits plus Gumbel noise is a draw by the weights."""
        cells = self._logits + tilt * self._costs + rng.gumbel(size=(count, len(self._logits)))
        cells += rng.normal(size=(count, len(self._leans))) @ self._leans
        return self._table.canonical(cells.reshape(count, *self._shape).argmax(axis=2))
