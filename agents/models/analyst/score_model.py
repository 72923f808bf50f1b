"""A regression model of top-1 given the choices and the cost, fitted to the scored rows.

Effects are in percentage points. Scores far below the others are raised to a floor, so that a collapsed network does
not distort all effects; ranks instead of scores did worse, because they blur the differences among the best. This
module knows no prompt and draws no random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.ridge import RidgePosterior, fit_ridge

_COST_UNIT = 0.2
"""Unit of the cost feature in log cost: about the spread of random architectures."""
_LEAST_NOISE = 0.05
_FLOOR = 2.5
"""Distance of the floor of scores below their median, in robust standard deviations."""


@dataclass(frozen=True)
class Effect:
    """A difference in top-1 and its standard deviation, in percentage points."""

    points: float
    error: float

    @property
    def clear(self) -> float:
        """The distance of the effect from zero, in standard deviations."""
        return abs(self.points) / max(self.error, 1e-9)


@dataclass(frozen=True)
class Coefficients:
    """The effects of cells, of pairs of totals and of log cost on top-1, for each of k draws of the posterior."""

    cells: Matrix
    """Effect of each one-hot cell, shape (genes * width, k)."""
    pairs: Matrix
    """Effect of each product of two totals, shape (pairs, k)."""
    log_cost: Matrix
    """Effect of one unit of log cost, shape (k,)."""


class ScoreModel:
    """The fitted posterior over effects."""

    def __init__(self, *, features: Features, x: Indices, log_costs: Matrix, scores: Matrix, noise: float) -> None:
        """
        Args:
            x: choice indices of the scored architectures, shape (n, genes).
            log_costs: logarithms of their main cost.
            scores: their top-1 in percent.
            noise: typical standard error of a score.
        """
        self.features = features
        self.x = x
        hot = features.table.hot(x)
        groups = [*features.groups, *["pairs"] * len(features.pair_names), "cost"]
        self._linear = features.columns.shape[1]
        self.design = np.hstack([hot @ features.columns, features.pairs(hot), log_costs[:, None] / _COST_UNIT])
        self.ridge: RidgePosterior = fit_ridge(self.design, groups, lifted(scores), max(noise, _LEAST_NOISE))

    def predict(self, x: Indices, log_costs: Matrix) -> tuple[Matrix, Matrix]:
        """Expected top-1 and its standard deviation, without the noise of a measurement."""
        hot = self.features.table.hot(x)
        linear = hot @ self.features.columns
        return self.ridge.predict(np.hstack([linear, self.features.pairs(hot), log_costs[:, None] / _COST_UNIT]))

    def coefficients(self, weights: Matrix) -> Coefficients:
        """Ridge coefficients of shape (coefficients, k) as effects of cells, pairs and log cost."""
        pairs = weights[self._linear : -1]
        return Coefficients(self.features.columns @ weights[: self._linear], pairs, weights[-1] / _COST_UNIT)

    def deviations(self) -> Coefficients:
        """Posterior standard deviations of `coefficients`, as one draw."""
        cov, columns = self.ridge.cov, self.features.columns
        linear = cov[: self._linear, : self._linear]
        cells = np.sqrt(np.einsum("ij,jk,ik->i", columns, linear, columns, optimize=True))
        rest = np.sqrt(np.diag(cov)[self._linear :])
        return Coefficients(cells[:, None], rest[:-1, None], rest[-1:] / _COST_UNIT)

    def step(self, genes: list[int], high: int, low: int) -> Effect:
        """Effect of choice `high` instead of `low` (indices) in all of `genes`, at equal cost and pairs."""
        direction = np.zeros(self.features.columns.shape[0])
        for g in genes:
            direction[g * self.features.table.width + high] += 1
            direction[g * self.features.table.width + low] -= 1
        return self._effect_of_cells(direction)

    def over_average(self, genes: list[int], choice: int) -> Effect:
        """Effect of a choice (index) in all of `genes` against the average choice, at equal cost and pairs."""
        table = self.features.table
        cells = np.zeros((len(table.genes), table.width))
        for g in genes:
            cells[g, : table.sizes[g]] -= 1 / table.sizes[g]
            cells[g, choice] += 1
        return self._effect_of_cells(cells.reshape(-1))

    def cost_effect(self, factor: float) -> Effect:
        """Effect of a cost that is higher by `factor`, with the same contrasts."""
        return self._effect(self._unit(-1, np.log(factor) / _COST_UNIT))

    def pair_effect(self, pair: int) -> Effect:
        """Effect of one unit of a product of totals."""
        return self._effect(self._unit(self._linear + pair, 1.0))

    @property
    def _rest(self) -> int:
        return len(self.ridge.mean) - self._linear

    def _unit(self, position: int, size: float) -> Matrix:
        direction = np.zeros(len(self.ridge.mean))
        direction[position] = size
        return direction

    def _effect_of_cells(self, direction: Matrix) -> Effect:
        return self._effect(np.concatenate([direction @ self.features.columns, np.zeros(self._rest)]))

    def _effect(self, direction: Matrix) -> Effect:
        return Effect(float(direction @ self.ridge.mean), float(self.ridge.deviation(direction[None])[0]))


def lifted(scores: Matrix) -> Matrix:
    """`scores`, raised to at least 2.5 robust standard deviations below their median."""
    median = float(np.median(scores))
    deviation = 1.4826 * float(np.median(np.abs(scores - median)))
    return np.maximum(scores, median - _FLOOR * deviation)
