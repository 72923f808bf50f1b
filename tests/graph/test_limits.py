from __future__ import annotations

import itertools
from typing import Any

import pytest

from common.errors import UserError
from graph.config import Config
from graph.limits import LEVELS, Limits, Sweep, limits_text
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


def swept(**changes: Any) -> Sweep:
    return Sweep.of(Config(supernet="ofa", **changes), SPACE)


def test_one_limit_is_that_of_every_round() -> None:
    sweep = swept(limits={"macs_m": 300, "params_m": 5})
    assert (len(sweep), sweep.round(1), sweep.round(2)) == (1, sweep.widest, sweep.narrowest)


def test_rounds_take_several_limits_in_turn_the_widest_first() -> None:
    sweep = swept(limits={"macs_m": [300, 200, 250], "params_m": 5})
    assert [sweep.round(number).maxima["macs_m"] for number in range(1, 8)] == [300, 250, 200, 300, 250, 200, 300]
    assert all(limits.maxima["params_m"] == 5 for limits in sweep.each)
    assert (sweep.column, sweep.narrowest.maxima["macs_m"]) == ("macs_m", 200)
    with pytest.raises(UserError, match="no sub-network of ofa meets macs_m <= 10"):
        swept(limits={"macs_m": [10, 200]}).check(SPACE)


def test_an_objective_has_limits_at_equal_ratios_and_one_round_without() -> None:
    sweep = swept(objective="params_m", limits={"macs_m": 400})
    low, high = (bound.params_m for bound in SPACE.bounds())
    maxima = [limits.maxima.get("params_m", high) for limits in sweep.each]
    ratios = [b / a for a, b in itertools.pairwise([low, *maxima])]
    assert (len(sweep), sweep.column) == (LEVELS, "params_m")
    assert ratios == pytest.approx([(high / low) ** (1 / LEVELS)] * LEVELS, rel=0.01)
    assert sweep.round(1) == Limits({"macs_m": 400})
    sweep.check(SPACE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": "macs_m", "limits": {"macs_m": 300}}, "objective: expected no limit on macs_m, got 300"),
        (
            {"objective": "latency_ms"},
            "objective: expected a cost of ofa, macs_m, .*; got latency_ms; add --latency-dev",
        ),
        ({"objective": "watts"}, "objective: expected a cost of ofa, .*; got watts"),
    ],
)
def test_an_objective_that_cannot_be_searched_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        swept(**changes)


def test_limits_are_told_in_words() -> None:
    assert limits_text(Config(supernet="ofa")) == "none"
    limits: Any = {"macs_m": [200, 300.5], "params_m": 5}
    several = Config(supernet="ofa", limits=limits)
    assert limits_text(several) == "MACs <= 200, 300.5 M, parameters <= 5 M"
    front = Config(supernet="ofa", objective="memory_mb")
    assert limits_text(front) == "a front of top-1 against peak memory"
    assert [str(limits) for limits in swept(limits={"macs_m": [200, 300]}).each] == ["MACs <= 200 M", "MACs <= 300 M"]
    assert str(Limits({})) == "no limit"


def test_the_main_column_is_the_first_limited_one_else_macs() -> None:
    assert Limits({"params_m": 5.0, "macs_m": 300.0}).main_column == "params_m"
    assert Limits({}).main_column == "macs_m"
