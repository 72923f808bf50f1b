"""How well predictions agree with scores: mean absolute error and Kendall's tau, over draws of the examples."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from scipy.stats import kendalltau

SCHEMA = 1


@dataclass(frozen=True)
class Agreement:
    """Of one predictor, a value for each draw of the examples."""

    errors: Sequence[float]
    """Mean absolute errors, in units of the score."""
    taus: Sequence[float]
    """Kendall's tau-b; NaN for predictions that are all equal."""
    missing: int = 0
    """Networks without a prediction, which count for nothing."""

    @property
    def error(self) -> tuple[float, float]:
        """Mean and standard deviation over the draws."""
        return _spread(self.errors)

    @property
    def tau(self) -> tuple[float, float] | None:
        """Mean and standard deviation over the draws; None where predictions do not differ."""
        return None if any(map(math.isnan, self.taus)) or not self.taus else _spread(self.taus)


def agreement(draws: Sequence[tuple[Sequence[float | None], Sequence[float]]]) -> Agreement:
    """The agreement of predictions and scores, a pair of equally long lists for each draw."""
    errors, taus, missing = [], [], 0
    for predicted, scores in draws:
        pairs = [(p, s) for p, s in zip(predicted, scores, strict=True) if p is not None]
        missing += len(scores) - len(pairs)
        if len(pairs) < 2:
            continue
        own, true = np.array(pairs).T
        errors.append(float(np.abs(own - true).mean()))
        taus.append(float(kendalltau(own, true).statistic))
    return Agreement(errors, taus, missing)


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return (fmean(values) if values else math.nan), (stdev(values) if len(values) > 1 else 0.0)


def write_json(found: Mapping[str, Agreement], settings: Mapping[str, object], path: Path) -> None:
    """Write a JSON file; `settings` describes the predictions in JSON types."""
    rows = {
        name: {
            "mean_absolute_error": each.errors,
            "kendall_tau": [None if math.isnan(tau) else tau for tau in each.taus],
            "missing": each.missing,
        }
        for name, each in found.items()
    }
    path.write_text(json.dumps({"schema": SCHEMA, **settings, "predictors": rows}, indent=2) + "\n")
