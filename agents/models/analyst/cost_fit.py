"""A regression model of an architecture's cost, fitted to the rows whose cost is known.

Costs are exact, so a functional form close to the truth matters more than many rows: single genes (image size, width)
multiply the cost, and list genes (one entry per block) add to it. The logarithm of the cost is fitted by Gauss-Newton
steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.ridge import RidgePosterior, fit_ridge

_STEPS, _SWEEPS = 4, 8
_NOISE = 0.01
"""Assumed relative error of the functional form."""
_SHARE = {"all": 0.3, "line": 0.1, "gene": 0.1}
"""Assumed relative change of the cost by all genes of one name, for each level of detail."""
_LEAST = 0.05
"""Lower bound of the additive factor, which a poor intermediate fit could make negative."""


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """`log cost = log base + sum of times + log(1 + sum of plus)`, with sums over the active one-hot cells."""

    base: float
    times: Matrix
    """Logarithm of the factor of each choice of a single gene."""
    plus: Matrix
    """Relative addition of each choice of a list gene."""
    error: float
    """Expected relative standard deviation of a prediction."""
    rows: int
    """Number of rows that were fitted."""

    @property
    def slopes(self) -> Matrix:
        """Relative addition of each one-hot cell."""
        return self.times + self.plus

    def log_cost(self, hot: Matrix) -> Matrix:
        """Predicted log cost of one-hot rows, shape (architectures,)."""
        added = np.maximum(1 + hot @ self.plus, _LEAST)
        return np.asarray(np.log(self.base) + hot @ self.times + np.log(added))


def fit_cost(features: Features, x: Indices, costs: Matrix) -> CostModel:
    """Fit a model to choice indices `x` of shape (n, genes) and positive `costs` of shape (n,)."""
    table = features.table
    hot, target = table.hot(x), np.log(costs)
    single = np.array([table.genes[g].index is None for g in range(len(table.genes))]).repeat(table.width)
    # Every feature belongs to one gene name, so it either multiplies or adds.
    is_times = np.any(features.columns[single] != 0, axis=0)
    columns = hot @ features.columns
    prior = _prior(features)
    weights, level, fit = np.zeros(columns.shape[1]), float(target.mean()), None
    for _ in range(_STEPS):
        added = np.maximum(1 + columns[:, ~is_times] @ weights[~is_times], _LEAST)
        slopes = np.where(is_times, columns, columns / added[:, None])
        now = level + columns[:, is_times] @ weights[is_times] + np.log(added)
        fit = fit_ridge(slopes, features.groups, target - now + slopes @ weights, _NOISE, prior, _SWEEPS)
        weights = fit.mean
        level += fit.level - float(fit.centre @ weights)
    assert fit is not None
    cells = features.columns * weights
    return CostModel(
        base=float(np.exp(level)),
        times=cells[:, is_times].sum(axis=1),
        plus=cells[:, ~is_times].sum(axis=1),
        error=_expected_error(features, fit, is_times, weights),
        rows=len(costs),
    )


def _prior(features: Features) -> dict[str, float]:
    prior = {}
    for group in features.groups:
        name, level = group.rsplit(" ", 1)
        members = len(features.table.families[name])
        prior[group] = _SHARE["all" if members == 1 else level] / members
    return prior


def _expected_error(features: Features, fit: RidgePosterior, is_times: NDArray[np.bool_], weights: Matrix) -> float:
    """Expected relative error for random architectures, not for the rows that were fitted."""
    table = features.table
    columns = table.hot(table.random(np.random.default_rng(0), 64)) @ features.columns
    added = np.maximum(1 + columns[:, ~is_times] @ weights[~is_times], _LEAST)
    slopes = np.where(is_times, columns, columns / added[:, None])
    return float(np.sqrt(fit.noise**2 + np.mean(fit.predict(slopes)[1] ** 2)))
