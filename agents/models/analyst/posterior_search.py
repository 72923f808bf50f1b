"""An evolutionary search for the best architecture under each of many draws of the coefficients.

All draws share one pool, so a good architecture of one is a start for the others. Children are mutations and crossovers
of pool members; the best under each draw are kept. This module knows no prompt.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from agents.models.analyst.cost_window import CostTarget
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.score_model import Coefficients

_GENERATIONS, _CHILDREN, _KEPT = 16, 160, 8
_MATED = 0.4


def search(
    rng: np.random.Generator, features: Features, target: CostTarget, coefficients: Coefficients, starts: Indices
) -> tuple[Indices, Matrix]:
    """A pool of architectures (n, genes), and their values minus penalties under each draw (n, k)."""
    # Penalties are in standard deviations, so that they do not depend on the unit of the coefficients.
    unit = float(coefficients.cells.std()) + float(np.abs(coefficients.log_cost).mean()) * 0.1 + 1e-9
    pool = np.unique(starts, axis=0)
    values = _values(features, target, coefficients, pool, unit)
    for _ in range(_GENERATIONS):
        # Selection comes before breeding, so the last children stay: draws that agree still have enough to choose from.
        kept = np.unique(np.argsort(-values, axis=0)[:_KEPT])
        pool, values = pool[kept], values[kept]
        children = _children(rng, features, pool)
        pool = np.vstack([pool, children])
        values = np.vstack([values, _values(features, target, coefficients, children, unit)])
        _, first = np.unique(pool, axis=0, return_index=True)
        pool, values = pool[first], values[first]
    return pool, values


def best_of_each(features: Features, pool: Indices, values: Matrix, avoid: Collection[str]) -> list[Indices]:
    """The best architecture of each draw that no earlier draw has and whose mark is not in `avoid`."""
    taken, chosen = set(avoid), []
    marks = [features.table.mark(x) for x in pool]
    for draw in range(values.shape[1]):
        for i in np.argsort(-values[:, draw]):
            if marks[i] not in taken:
                taken.add(marks[i])
                chosen.append(pool[i])
                break
    return chosen


def _values(features: Features, target: CostTarget, coefficients: Coefficients, x: Indices, unit: float) -> Matrix:
    hot = features.table.hot(x)
    value = (
        hot @ coefficients.cells
        + features.pairs(hot) @ coefficients.pairs
        + target.log_cost(hot)[:, None] * coefficients.log_cost
    )
    return np.asarray(value - unit * target.penalty(hot)[:, None])


def _children(rng: np.random.Generator, features: Features, pool: Indices) -> Indices:
    genes = pool.shape[1]
    children = pool[rng.integers(len(pool), size=_CHILDREN)]
    mates = pool[rng.integers(len(pool), size=_CHILDREN)]
    mated = (rng.random((_CHILDREN, 1)) < _MATED) & (rng.random(children.shape) < 0.5)
    changes = rng.choice([1, 2, 4], size=(_CHILDREN, 1))
    changed = rng.random(children.shape) < changes / genes
    drawn = rng.integers(features.table.sizes, size=children.shape)
    return features.table.canonical(np.where(changed, drawn, np.where(mated, mates, children)))
