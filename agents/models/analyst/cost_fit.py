"""Fits what an architecture costs, from the rows whose cost is known.

Costs are exact numbers, so a form close to the truth is worth more than many rows: genes that stand alone (an image
side, a width) multiply, genes of lists (one entry a block) add. It is fitted on the logarithm by Gauss-Newton steps.
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
"""Guess of the relative error of the form itself."""
_SHARE = {"all": 0.3, "line": 0.1, "gene": 0.1}
"""Guess by how much a family's genes change the cost together, at each level of detail."""
_LEAST = 0.05
"""The added part may not shrink the cost below this share of its mean while the fit is still poor."""


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """`log cost = log base + times of each lone gene + log(1 + plus of each list's genes)`, over one-hot cells."""

    base: float
    times: Matrix
    plus: Matrix
    error: float
    """Relative standard deviation to expect of a prediction."""
    rows: int

    def log_cost(self, hot: Matrix) -> Matrix:
        added = np.maximum(1 + hot @ self.plus, _LEAST)
        return np.asarray(np.log(self.base) + hot @ self.times + np.log(added))


def fit_cost(features: Features, x: Indices, costs: Matrix) -> CostModel:
    """`x`: choice indices of architectures, shape (n, genes); `costs`: their costs, positive, shape (n,)."""
    table = features.table
    hot, target = table.hot(x), np.log(costs)
    lone = np.array([table.genes[g].index is None for g in range(len(table.genes))]).repeat(table.width)
    # Every feature belongs to one gene name, so it is either a multiplier or an addend.
    is_times = np.any(features.columns[lone] != 0, axis=0)
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
    """Relative error to expect of an architecture drawn at random, not of the rows that were fitted."""
    table = features.table
    columns = table.hot(table.random(np.random.default_rng(0), 64)) @ features.columns
    added = np.maximum(1 + columns[:, ~is_times] @ weights[~is_times], _LEAST)
    slopes = np.where(is_times, columns, columns / added[:, None])
    return float(np.sqrt(fit.noise**2 + np.mean(fit.predict(slopes)[1] ** 2)))
