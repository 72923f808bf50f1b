"""Predicted scores of architectures, fitted to scores or labels of others: the analyst's regression.

Notable: with too few of them there is no predictor, and its user has to measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import GeneTable, Indices, Matrix, parse_genes
from agents.models.analyst.score_model import ScoreModel
from graph.labels import FEWEST, Labels
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

_LABEL_NOISE = 0.3
"""Standard deviation of the noise of labels, in percentage points, with which a fit starts."""


class ScorePredictor:
    """Top-1 in percent as a function of genes and of one cost.

    Args:
        column: the cost: the first limited one, or MACs.
        scores: at least `FEWEST`.
        noise: their typical standard error.
    """

    def __init__(self, space: SearchSpace, column: str, scores: Mapping[Architecture, float], noise: float) -> None:
        assert len(scores) >= FEWEST
        self._space, self._column = space, column
        self._table, features = _features(space)
        archs = list(scores)
        self._model = ScoreModel(
            features=features,
            x=self._encoded(archs),
            log_costs=self._log_costs(archs),
            scores=np.array(list(scores.values())),
            noise=noise,
        )

    @classmethod
    def of_scores(cls, space: SearchSpace, column: str, scored: Sequence[Evaluation]) -> ScorePredictor:
        noise = float(np.median([each.stderr for each in scored]))
        return cls(space, column, {each.architecture: each.top1 for each in scored}, noise)

    @classmethod
    def of_labels(cls, space: SearchSpace, column: str, labels: Labels) -> ScorePredictor:
        return cls(space, column, labels.scores, _LABEL_NOISE)

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
