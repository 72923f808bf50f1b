"""Predicted scores of architectures that were not measured, fitted to those that were: the analyst's regression.

Notable: it is asked for nothing that it cannot say. Without enough scores there is no predictor, and its user has to
measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import GeneTable, Indices, Matrix, parse_genes
from agents.models.analyst.score_model import ScoreModel
from graph.context import RunContext
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

FEWEST = 8
"""Scores below which nothing is fitted."""


class ScorePredictor:
    """Top-1 in percent as a function of genes and of the first limited cost, or MACs.

    Args:
        scored: at least `FEWEST` scores.
    """

    def __init__(self, context: RunContext, scored: Sequence[Evaluation]) -> None:
        assert len(scored) >= FEWEST
        self._space = context.space
        self._column = next(iter(context.sweep.widest.maxima), "macs_m")
        self._table, features = _features(context.space)
        archs = [each.architecture for each in scored]
        self._model = ScoreModel(
            features=features,
            x=self._encoded(archs),
            log_costs=self._log_costs(archs),
            scores=np.array([each.top1 for each in scored]),
            noise=float(np.median([each.stderr for each in scored])),
        )

    def __call__(self, archs: Sequence[Architecture]) -> Matrix:
        """Predicted top-1 in percent, shape (architectures,)."""
        return self._model.predict(self._encoded(archs), self._log_costs(archs))[0]

    def _encoded(self, archs: Sequence[Architecture]) -> Indices:
        rows = [self._table.encode(a.to_dict()) for a in archs]
        assert all(row is not None for row in rows), "the table of genes is that of the space"
        return np.array(rows)

    def _log_costs(self, archs: Sequence[Architecture]) -> Matrix:
        costs = np.array([getattr(self._space.cost(a), self._column) for a in archs], dtype=float)
        # A network of operations without weights has no MACs.
        return np.asarray(np.log(np.maximum(costs, 1e-3)))


@cache
def _features(space: SearchSpace) -> tuple[GeneTable, Features]:
    table = parse_genes(space.describe())
    assert table is not None, "every space describes its genes in a table"
    return table, Features(table)
