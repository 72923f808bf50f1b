"""REINFORCE keeps the contract of all strategies, and its policy learns."""

from __future__ import annotations

from graph.strategies.reinforce import Policy
from supernets.space.architecture import value_of
from tests.graph.strategies.conformance import SPACE, StrategyConformance


class TestReinforce(StrategyConformance):
    name = "reinforce"
    learns = False
    """Not in so few steps: its authors gave it thousands."""


def test_the_policy_moves_towards_what_scores_above_the_average() -> None:
    import random

    policy, rng = Policy(SPACE), random.Random(0)
    first = SPACE.dimensions[0]
    for _ in range(600):
        a = policy.sample(rng)
        policy.learn(a, 70.0 if value_of(a, first) == first.choices[1] else 60.0)
    drawn = [value_of(policy.sample(rng), first) for _ in range(200)]
    assert drawn.count(first.choices[1]) > 120
