"""Bayesian ridge regression with groups of coefficients: posterior mean and covariance in closed form.

Expectation maximisation fits the variance of each group and of the noise; inverse-gamma priors keep them reasonable
with little data. `docs/decisions.md` says why scikit-learn is not used. This module knows no architectures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.models.analyst.gene_table import Matrix

_SWEEPS = 25
_GROUP_WEIGHT = 2.0
"""Weight of the prior of a group's variance, in pairs of coefficients."""
_NOISE_WEIGHT = 5.0
"""Weight of the prior of the noise's variance, in pairs of observations."""


@dataclass(frozen=True, kw_only=True)
class RidgePosterior:
    """The posterior distribution of the coefficients."""

    mean: Matrix
    cov: Matrix
    centre: Matrix
    """Means of the features, which are subtracted before a prediction."""
    level: float
    """Mean of the target."""
    noise: float
    """Standard deviation of the residuals."""

    def predict(self, features: Matrix) -> tuple[Matrix, Matrix]:
        """Mean and standard deviation of the predicted value, without the noise of a new observation."""
        centred = features - self.centre
        return self.level + centred @ self.mean, self.deviation(centred)

    def deviation(self, directions: Matrix) -> Matrix:
        """Posterior standard deviation of `directions @ coefficients`."""
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", directions, self.cov, directions, optimize=True)))

    def draws(self, rng: np.random.Generator, count: int, exploration_scale: float) -> Matrix:
        """Draws from the posterior with its spread scaled by `exploration_scale`; shape (coefficients, count)."""
        # Eigenvalues instead of Cholesky, because rounding can make the smallest ones slightly negative.
        size, axes = np.linalg.eigh(self.cov)
        root = axes * np.sqrt(np.maximum(size, 0.0))
        return np.asarray(self.mean[:, None] + exploration_scale * root @ rng.normal(size=(len(self.mean), count)))


def fit_ridge(
    features: Matrix,
    groups: Sequence[str],
    target: Matrix,
    noise: float,
    prior: Mapping[str, float] | None = None,
    sweeps: int = _SWEEPS,
) -> RidgePosterior:
    """The posterior for `target` given `features`.

    Args:
        groups: group of each feature.
        noise: prior standard deviation of the noise, in units of `target`.
        prior: prior standard deviation of the coefficients of each group; None assumes that all groups explain equal
            shares of the target's variance.
        sweeps: steps of expectation maximisation.
    """
    names = list(dict.fromkeys(groups))
    member = np.array([names.index(group) for group in groups])
    size = np.bincount(member)
    centre, level = features.mean(axis=0), float(target.mean())
    x, y = features - centre, target - level
    gram, moment, spread = x.T @ x, x.T @ y, float(y.var()) + noise**2
    if prior is None:
        seen = np.bincount(member, x.var(axis=0))
        guess = spread / len(names) / np.maximum(seen, 1e-3 * size)
    else:
        guess = np.array([prior[name] ** 2 for name in names])
    variance, noise2 = guess, noise**2
    for _ in range(sweeps):
        cov = _inverse(gram / noise2 + np.diag(1.0 / variance[member]))
        mean = cov @ moment / noise2
        size2 = np.bincount(member, mean**2 + np.diag(cov))
        variance = (size2 + 2 * _GROUP_WEIGHT * guess) / (size + 2 * _GROUP_WEIGHT)
        left = float(((y - x @ mean) ** 2).sum() + (gram * cov).sum())
        noise2 = (left + 2 * _NOISE_WEIGHT * noise**2) / (len(y) + 2 * _NOISE_WEIGHT)
    return RidgePosterior(mean=mean, cov=cov, centre=centre, level=level, noise=float(np.sqrt(noise2)))


def _inverse(precision: Matrix) -> Matrix:
    root = np.linalg.inv(np.linalg.cholesky(precision))
    return np.asarray(root.T @ root)
