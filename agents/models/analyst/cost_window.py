"""Where proposals shall land: cost models, limits, and the window below them.

Knows no scores; a limit whose cost cannot be estimated, because no row told it, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.gene_table import Matrix

_CAUTION, _MOST_CAUTION = 0.6, 0.025
"""How far predictions stay below a limit: standard deviations of the cost model's error, and at most this share. What
proves to be over costs no evaluation, and a search far below the limit learns about the wrong architectures."""
_OVER, _UNDER = 400.0, 25.0
"""Penalty per unit of log cost over a limit, and under the window, in deviations of what is searched for."""
_WIDTH = 0.02
"""Width of the window, as a share of the limit."""


@dataclass(frozen=True)
class CostTarget:
    """`main` is the cost that top-1 is set against: the first limit's column, else MACs."""

    models: Mapping[str, CostModel]
    limits: tuple[tuple[str, float], ...]
    main: str

    def log_cost(self, hot: Matrix) -> Matrix:
        """Predicted log of the main cost, zero where nothing is known of it."""
        return self.models[self.main].log_cost(hot) if self.main in self.models else np.zeros(len(hot))

    def window(self, column: str) -> tuple[float, float]:
        """Shares of the limit between which the *predicted* cost shall lie."""
        high = 1 - min(_CAUTION * self.models[column].error, _MOST_CAUTION)
        return high - _WIDTH, high

    @property
    def limited(self) -> dict[str, CostModel]:
        """The models of the columns that have a limit."""
        return {column: self.models[column] for column, _ in self.limits if column in self.models}

    def excess(self, hot: Matrix) -> Matrix:
        """Log of predicted cost over the window's top, of the limit that is most used up; shape (architectures,)."""
        tops = {column: limit * self.window(column)[1] for column, limit in self.limits if column in self.models}
        shares = [model.log_cost(hot) - np.log(tops[column]) for column, model in self.limited.items()]
        return np.max(shares, axis=0) if shares else np.zeros(len(hot))

    def penalty(self, hot: Matrix) -> Matrix:
        """What to take off a candidate's value for missing the window, shape (architectures,)."""
        if not self.limited:
            return np.zeros(len(hot))
        # One limit that is used up is enough: the others may have room.
        excess = self.excess(hot)
        return _OVER * np.maximum(excess, 0) + _UNDER * np.maximum(-excess - _WIDTH, 0)


def cost_target(models: Mapping[str, CostModel], limits: tuple[tuple[str, float], ...]) -> CostTarget:
    return CostTarget(models, limits, limits[0][0] if limits else "macs_m")
