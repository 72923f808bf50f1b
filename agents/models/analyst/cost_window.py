"""The target range of proposals: cost estimates, limits, and a window just below each limit.

A limit on a cost that neither a cost table nor a row shows cannot be estimated and is ignored. This module knows no
scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.cost_table_reader import TableCost
from agents.models.analyst.gene_table import Matrix

CostEstimate = CostModel | TableCost
"""The cost of architectures, fitted to rows or read from the prompt's cost table."""

_CAUTION, _MOST_CAUTION = 0.6, 0.025
"""Distance of predictions below a limit, in standard deviations of the cost model's error, and its maximum as a share.

It is small because a proposal over the limit costs no evaluation, and results far below the limit are of little use.
"""
_OVER, _UNDER = 400.0, 25.0
"""Penalty per unit of log cost over a limit, and below the window, in standard deviations of the objective."""
_LOWEST = 1e-6
"""Lower bound of a window, as a share of the limit, whose logarithm is taken."""
_NARROWEST = 0.002
"""Smallest width of a window that a strategy asks for, as a share of the limit."""
_WIDTH = 0.02
"""Width of the window, as a share of the limit."""


@dataclass(frozen=True)
class CostTarget:
    """Cost models by column, and the limits on them."""

    models: Mapping[str, CostEstimate]
    limits: tuple[tuple[str, float], ...]
    main: str
    """Cost column of the score model: that of the first limit, else MACs."""
    wanted: tuple[float, float] | None = None
    """Bounds of the main cost that a strategy asks for; None for the window just below the limit."""

    def log_cost(self, hot: Matrix) -> Matrix:
        """Predicted log of the main cost; zero if it has no model."""
        return self.models[self.main].log_cost(hot) if self.main in self.models else np.zeros(len(hot))

    def window(self, column: str) -> tuple[float, float]:
        """Lower and upper bound of the *predicted* cost, as shares of the limit."""
        if self.wanted is not None and column == self.main:
            limit = dict(self.limits)[column]
            highest = min(self.wanted[1] / limit, 1.0)
            return min(self.wanted[0] / limit, highest - _NARROWEST), highest
        high = 1 - min(_CAUTION * self.models[column].error, _MOST_CAUTION)
        return high - _WIDTH, high

    @property
    def limited(self) -> dict[str, CostEstimate]:
        """The cost models of the columns that have a limit."""
        return {column: self.models[column] for column, _ in self.limits if column in self.models}

    def excess(self, hot: Matrix) -> Matrix:
        """Log of predicted cost over the window's upper bound, the largest of all limits; shape (architectures,)."""
        tops = {column: limit * self.window(column)[1] for column, limit in self.limits if column in self.models}
        shares = [model.log_cost(hot) - np.log(tops[column]) for column, model in self.limited.items()]
        return np.max(shares, axis=0) if shares else np.zeros(len(hot))

    def penalty(self, hot: Matrix) -> Matrix:
        """Penalty on a candidate's value for a cost outside the window; shape (architectures,)."""
        if not self.limited:
            return np.zeros(len(hot))
        # It is enough to reach the window of one limit.
        excess = self.excess(hot)
        widths = [np.log(high / max(low, _LOWEST)) for low, high in map(self.window, self.limited)]
        short: Matrix = _UNDER * np.maximum(-excess - max(widths), 0)
        return _OVER * np.maximum(excess, 0) + short


def cost_target(
    models: Mapping[str, CostEstimate],
    limits: tuple[tuple[str, float], ...],
    wanted: tuple[float, float] | None = None,
) -> CostTarget:
    """The target for `limits`, whose first column becomes the main cost, and for the bounds that a strategy wants."""
    return CostTarget(models, limits, limits[0][0] if limits else "macs_m", wanted if limits else None)
