"""The strategies that ask no language model, against what all of them must hold to."""

from __future__ import annotations

import numpy as np

from graph.strategies.reinforce import Policy
from graph.strategies.surrogate import thompson
from supernets.space.architecture import value_of
from tests.graph.strategies.conformance import SPACE, StrategyConformance


class TestRandomSearch(StrategyConformance):
    name = "random"
    learns = False


class TestAgeingEvolution(StrategyConformance):
    name = "evolution"


class TestSPOSEvolution(StrategyConformance):
    name = "evolution-spos"


class TestOFAEvolution(StrategyConformance):
    name = "evolution-ofa"


class TestReinforce(StrategyConformance):
    name = "reinforce"
    learns = False
    """Not in so few steps: its authors gave it thousands."""


class TestLocalSearch(StrategyConformance):
    name = "local"


class TestSurrogate(StrategyConformance):
    name = "surrogate"


class TestRandomEdits(StrategyConformance):
    name = "random-edits"


def test_the_policy_moves_towards_what_scores_above_the_average() -> None:
    import random

    policy, rng = Policy(SPACE), random.Random(0)
    first = SPACE.dimensions[0]
    for _ in range(600):
        a = policy.sample(rng)
        policy.learn(a, 70.0 if value_of(a, first) == first.choices[1] else 60.0)
    drawn = [value_of(policy.sample(rng), first) for _ in range(200)]
    assert drawn.count(first.choices[1]) > 120


def test_thompson_draws_agree_with_scores_where_these_are_known() -> None:
    rng = np.random.default_rng(0)
    hot = np.eye(4)[rng.integers(4, size=(200, 6))].reshape(200, -1)
    truth = hot @ rng.normal(size=24)
    truth = (truth - truth.mean()) / truth.std()
    draws = thompson(hot[:120], truth[:120], hot[120:], 20, rng)
    assert draws.shape == (80, 20)
    assert np.corrcoef(draws.mean(axis=1), truth[120:])[0, 1] > 0.95
