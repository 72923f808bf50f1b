from __future__ import annotations

import pytest

from graph.budget import Budget


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_evaluations_are_spent_one_by_one() -> None:
    budget = Budget(evaluations=2, minutes=None, clock=Clock())
    assert (budget.left, budget.exhausted()) == (2, "")
    budget.spend()
    budget.spend()
    assert (budget.left, budget.exhausted()) == (0, "budget of 2 evaluations spent")


def test_minutes_count_from_earlier_processes() -> None:
    clock = Clock()
    budget = Budget(evaluations=10, minutes=1.5, clock=clock, spent=3, earlier=60)
    assert (budget.seconds, budget.exhausted()) == (60, "")
    clock.now += 30
    assert (budget.seconds, budget.exhausted()) == (90, "budget of 1.5 minutes spent")


def test_remaining_time_is_at_the_present_rate_and_within_the_minutes() -> None:
    clock = Clock()
    budget = Budget(evaluations=10, minutes=None, clock=clock)
    assert budget.remaining() is None
    budget.spend()
    clock.now += 5
    assert budget.remaining() == pytest.approx(45)
    limited = Budget(evaluations=10, minutes=0.5, clock=clock, spent=1, earlier=5)
    assert limited.remaining() == pytest.approx(25)
