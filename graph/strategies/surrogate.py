"""A surrogate model with Thompson sampling, fitted to the scores without an agent.

The surrogate is a Gaussian process on the normal scores of the ranks. Its kernel counts the genes that two
architectures share, linearly and squared: a linear model of all choices and of all pairs of choices. Each proposal is
the best of a pool under one draw from the posterior. Bliss's normal scores keep the long lower tail of bad networks
from ruling the fit; the weights of the two kernels and of the noise are those with the highest marginal likelihood.
"""

from __future__ import annotations

import itertools
import random

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky
from scipy.stats import norm, rankdata

from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture, value_of
from supernets.space.space import SearchSpace

Matrix = NDArray[np.float64]

STARTS = 10
"""Random architectures at the start."""
_POOL, _PARENTS = 1000, 20
_JITTER = 1e-6
_PAIRS, _NOISES = (0.0, 0.2, 0.5, 1.0), (0.02, 0.1, 0.3, 1.0)
"""Share of pairs in the kernel, and variance of the noise, that are tried; the kernel's own variance is 1."""


class Surrogate(ScoreBasedSearch):
    name = "surrogate"
    batch = 10

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured, space = self.history, self.context.space
        if len(measured.scored) < STARTS:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        pool = self._pool(rng)
        known = _one_hot(space, [scored.architecture for scored in measured.scored])
        scores = _normal_scores(np.array([scored.top1 for scored in measured.scored]))
        noise = np.random.default_rng(rng.getrandbits(64))
        draws = thompson(known, scores, _one_hot(space, pool), min(count, len(pool)), noise)
        return [pool[i] for i in _best_of_each(draws)]

    def _pool(self, rng: random.Random) -> list[Architecture]:
        """New architectures within the limits: random ones, and one or two changes away from the best."""
        space, measured = self.context.space, self.history
        parents = [scored.architecture for scored in measured.best(_PARENTS)]

        def near_or_far() -> Architecture:
            near = space.change_one(rng.choice(parents), rng)
            return rng.choice([near, space.change_one(near, rng), space.sample(rng), space.sample(rng)])

        return draw_new(self.context, near_or_far, _POOL, measured.tried)


def thompson(known: Matrix, scores: Matrix, pool: Matrix, draws: int, rng: np.random.Generator) -> Matrix:
    """Draws from the posterior of the pool's scores, shape (pool, draws).

    Args:
        known: one-hot acting genes of what was scored, shape (n, cells).
        scores: standardised, shape (n,).
        pool: one-hot as `known`, shape (pool, cells).
    """
    genes = known.sum(axis=1).max()
    own, cross, among = (a @ b.T / genes for a, b in ((known, known), (pool, known), (pool, pool)))
    tried = itertools.product(_PAIRS, _NOISES)
    pairs, noise = max(tried, key=lambda pair: _evidence(_kernel(own, pair[0]), scores, pair[1]))
    factor = cho_factor(_kernel(own, pairs) + noise * np.eye(len(own)), lower=True)
    across = _kernel(cross, pairs)
    mean = across @ cho_solve(factor, scores)
    covariance = _kernel(among, pairs) - across @ cho_solve(factor, across.T)
    root = cholesky(covariance + _JITTER * np.eye(len(pool)), lower=True)
    return np.asarray(mean[:, None] + root @ rng.normal(size=(len(pool), draws)))


def _kernel(shared: Matrix, pairs: float) -> Matrix:
    """Of the share of genes that two architectures have in common: `1 - pairs` linear, `pairs` squared."""
    return (1 - pairs) * shared + pairs * shared**2


def _evidence(kernel: Matrix, scores: Matrix, noise: float) -> float:
    """Log marginal likelihood, without its constant."""
    factor = cho_factor(kernel + noise * np.eye(len(kernel)), lower=True)
    return float(-0.5 * scores @ cho_solve(factor, scores) - np.log(np.diag(factor[0])).sum())


def _normal_scores(values: Matrix) -> Matrix:
    """Quantiles of a normal distribution at the ranks of `values`; ties share their mean rank."""
    return np.asarray(norm.ppf((rankdata(values) - 0.375) / (len(values) + 0.25)))


def _one_hot(space: SearchSpace, architectures: list[Architecture]) -> Matrix:
    """Which choice each acting gene has, shape (architectures, cells); a gene that does not act has none."""
    starts = np.cumsum([0, *(len(dimension.choices) for dimension in space.dimensions)])
    hot = np.zeros((len(architectures), int(starts[-1])))
    for row, a in zip(hot, architectures, strict=True):
        active = space.active(a)
        for start, dimension in zip(starts, space.dimensions, strict=False):
            if dimension.label in active:
                row[start + dimension.choices.index(value_of(a, dimension))] = 1.0
    return hot


def _best_of_each(draws: Matrix) -> list[int]:
    """For each draw, a column, its best row that no earlier draw took."""
    taken: list[int] = []
    for column in draws.T:
        taken.append(next(int(i) for i in np.argsort(-column) if int(i) not in taken))
    return taken
