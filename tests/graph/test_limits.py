from __future__ import annotations

import pytest

from common.errors import UserError
from graph.limits import Limits
from supernets.families.registry import get_space
from supernets.space.cost import Cost
from tests.graph.fakes import SPACE

COST = Cost(macs=360_000_000, params=9_000_000)


def test_a_cost_within_every_limit_exceeds_none() -> None:
    assert Limits({}).excess(COST) is None
    assert Limits({"macs_m": 360.0, "params_m": 9.0}).excess(COST) is None


def test_the_limit_missed_by_the_largest_share_is_named() -> None:
    excess = Limits({"macs_m": 350.0, "params_m": 6.0}).excess(COST)
    assert excess is not None
    assert (excess.kind.name, excess.over, excess.share) == ("params_m", 3.0, 0.5)


def test_limits_at_the_smallest_and_the_largest_are_accepted() -> None:
    smallest, largest = SPACE.cost(SPACE.smallest()), SPACE.cost(SPACE.largest())
    Limits({"macs_m": smallest.macs_m, "params_m": largest.params_m}).check(SPACE)
    assert smallest.memory_mb is not None
    Limits({"memory_mb": smallest.memory_mb}).check(SPACE)


@pytest.mark.parametrize(
    ("column", "limit", "text"),
    [
        ("macs_m", 100.0, "choose a limit between"),
        ("params_m", 99.0, "leave the limit out"),
        ("memory_mb", 0.5, "the smallest has 0.6144; choose a limit between 0.6144 and 2.258 MB"),
        ("memory_mb", 256.0, "the largest sub-network of ofa has 2.258;"),
        ("latency_ms", 20.0, "add --latency-device NAME"),
        ("joules", 1.0, "expected one of macs_m, params_m, paper_macs_m"),
    ],
)
def test_limits_that_make_no_sense_are_refused(column: str, limit: float, text: str) -> None:
    with pytest.raises(UserError, match=text):
        Limits({column: limit}).check(SPACE)


def test_a_cost_that_a_space_does_not_count_cannot_be_limited() -> None:
    with pytest.raises(UserError, match="nasbench201 has no memory_mb to limit; limit macs_m or params_m instead"):
        Limits({"memory_mb": 1.0}).check(get_space("nasbench201"))
