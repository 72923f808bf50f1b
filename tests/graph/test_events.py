"""Ledgers add up."""

from __future__ import annotations

import pytest

from graph.events import Ledger


def test_counts_and_known_costs_add_up() -> None:
    total = Ledger(parsed=3, illegal=1, cost_usd=0.25, images=7) + Ledger(parsed=1, illegal=1, cost_usd=0.5)
    assert total == Ledger(parsed=4, illegal=2, cost_usd=0.75, images=7)


@pytest.mark.parametrize("costs", [(None, 1.0), (1.0, None)])
def test_an_unknown_cost_makes_the_sum_unknown(costs: tuple[float | None, float | None]) -> None:
    one, other = (Ledger(cost_usd=cost) for cost in costs)
    assert (one + other).cost_usd is None


def test_the_illegal_rate_counts_unreadable_pieces_as_sent() -> None:
    assert Ledger(parsed=3, unreadable=1, illegal=2).illegal_rate == 0.5
    assert Ledger().illegal_rate == 0
