"""Predictors without a language model, fitted to the same examples.

Without them the error of a model says little: most of what separates supernets from it on the translation tasks is a
constant offset, which ten labels take away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from studies.prediction.task import Network, Task, as_arrays

Values = NDArray[np.float64]
RIDGE = 1.0
"""Penalty of the ridge regression, on features and scores with mean 0 and deviation 1."""


def baselines(task: Task, examples: Sequence[Network], tests: Sequence[Network]) -> Mapping[str, Values]:
    """The predictions for `tests` by the name of the predictor; those that need examples are left out without any."""
    found: dict[str, Values] = {}
    for name in tests[0].known:
        raw = np.array([network.known[name] for network in tests])
        found[name] = raw
        if len(examples) > 1:
            fitted = np.array([network.known[name] for network in examples])
            found[f"{name}, fitted"] = line(fitted, as_arrays(examples)[2], raw)
    if len(examples) < 2:
        return found
    features, costs, scores = as_arrays(examples)
    asked, asked_costs, _ = as_arrays(tests)
    found["mean of the examples"] = np.full(len(tests), scores.mean())
    found["line on the cost"] = line(costs, scores, asked_costs)
    if task.depth is not None:
        found["line on decoder layers"] = line(features[:, task.depth], scores, asked[:, task.depth])
    found["ridge"] = ridge(features, scores, asked)
    return found


def line(x: Values, y: Values, at: Values) -> Values:
    """The least-squares line through points, at other places; the mean where all points have one `x`."""
    spread = x - x.mean()
    total = float(spread @ spread)
    slope = float(spread @ (y - y.mean())) / total if total > 0 else 0.0
    return np.asarray(y.mean() + slope * (at - x.mean()))


def ridge(x: Values, y: Values, at: Values) -> Values:
    """Ridge regression on standardised features; a feature that does not vary counts nothing."""
    deviation = x.std(axis=0)
    varies = deviation > 0
    centre, scale = x.mean(axis=0)[varies], deviation[varies]
    known, asked = (x[:, varies] - centre) / scale, (at[:, varies] - centre) / scale
    weights = np.linalg.solve(known.T @ known + RIDGE * np.eye(known.shape[1]), known.T @ (y - y.mean()))
    return np.asarray(y.mean() + asked @ weights)
