"""The surrogate keeps the contract of all strategies, and its posterior is right."""

from __future__ import annotations

import numpy as np

from graph.strategies.surrogate import thompson
from tests.graph.strategies.conformance import StrategyConformance


class TestSurrogate(StrategyConformance):
    name = "surrogate"


def test_thompson_draws_agree_with_scores_where_these_are_known() -> None:
    rng = np.random.default_rng(0)
    hot = np.eye(4)[rng.integers(4, size=(200, 6))].reshape(200, -1)
    truth = hot @ rng.normal(size=24)
    truth = (truth - truth.mean()) / truth.std()
    draws = thompson(hot[:120], truth[:120], hot[120:], 20, rng)
    assert draws.shape == (80, 20)
    assert np.corrcoef(draws.mean(axis=1), truth[120:])[0, 1] > 0.95
