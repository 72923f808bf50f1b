"""Bayesian ridge regression with groups of coefficients: posterior mean and covariance in closed form.

The variance of each group and of the noise are fitted by expectation maximisation, held by inverse-gamma priors, so
that few data give cautious answers instead of none. Knows nothing of architectures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.models.analyst.gene_table import Matrix

_SWEEPS = 25
_GROUP_WEIGHT = 2.0
"""Coefficients' worth of trust in the prior guess of a group's variance, doubled."""
_NOISE_WEIGHT = 5.0
"""The same for the noise, in observations."""


@dataclass(frozen=True, kw_only=True)
class RidgePosterior:
    """The posterior: `mean` and `cov` of the coefficients; features are centred on `centre`, the target on `level`."""

    mean: Matrix
    cov: Matrix
    centre: Matrix
    level: float
    noise: float
    """Standard deviation of what the fit cannot explain."""

    def predict(self, features: Matrix) -> tuple[Matrix, Matrix]:
        """Mean and standard deviation of the fitted value, without the noise of a new observation."""
        centred = features - self.centre
        return self.level + centred @ self.mean, self.deviation(centred)

    def deviation(self, directions: Matrix) -> Matrix:
        """Posterior standard deviation of `directions @ coefficients`."""
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", directions, self.cov, directions, optimize=True)))

    def draws(self, rng: np.random.Generator, count: int, exploration_scale: float) -> Matrix:
        """Draws from the posterior, its spread scaled by `exploration_scale`; shape (coefficients, count)."""
        # By eigenvalues, not Cholesky: rounding may leave a well-determined direction a hair below zero.
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
    """Posterior given data.

    `noise` is the guess of the noise's standard deviation, in units of `target`; `prior` that of the coefficients of
    each group. Without a prior each group is guessed to explain an equal share of what is seen.
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
