"""The simulation where the answer can be told by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.scaling.model import Outcome, Plan, Site, Times, divide, simulate


def alone(plan: Plan, times: Times, site: Site | None = None) -> Outcome:
    (outcome,) = simulate([(0.0, plan)], times, site or Site(plan.workers))
    return outcome


def test_one_gpu_and_models_that_answer_at_once_take_the_seconds_of_all_candidates() -> None:
    assert alone(Plan(1000), Times(candidate=2.0)).wall == pytest.approx(2000)


def test_gpus_without_end_take_the_calls_and_one_candidate_a_round() -> None:
    outcome = alone(Plan(160, per_round=16, workers=1000), Times(candidate=2.0, call=5.0, written=0.5))
    assert outcome.models == pytest.approx(10 * (5 + 5 + 16 * 0.5))
    assert outcome.wall == pytest.approx(outcome.models + 10 * 2.0)


def test_candidates_that_take_no_time_are_recorded_one_after_the_other() -> None:
    times = Times(candidate=0.0, commit=0.01)
    assert alone(Plan(100, workers=8), times).wall == pytest.approx(1.0)
    own, shared = (simulate([(0.0, Plan(100))] * 5, times, Site(5, commits_at_once=n)) for n in (5, 1))
    assert max(o.wall for o in own) == pytest.approx(1.0)
    assert max(o.wall for o in shared) == pytest.approx(5.0)


def test_calls_and_scoring_overlap_when_models_speak_ahead() -> None:
    times = Times(candidate=1.0, call=2.0)
    waiting, ahead = (alone(Plan(32, workers=2, ahead=ahead), times) for ahead in (False, True))
    assert waiting.wall == pytest.approx(2 * (4 + 8))
    assert ahead.wall == pytest.approx(4 + 2 * 8)


def test_answers_written_side_by_side_take_as_long_as_the_longest_if_the_server_takes_them() -> None:
    plan, times = Plan(64, per_round=64, workers=64, per_answer=16), Times(candidate=0.0, call=1.0, written=1.0)
    assert alone(plan, times).wall == pytest.approx(1 + 17)
    assert alone(plan, times, Site(64, calls_at_once=2)).wall == pytest.approx(1 + 2 * 17)


@pytest.mark.parametrize("pooled", [False, True])
def test_each_candidate_is_scored_once_and_gpus_work_no_longer_than_they_are_there(pooled: bool) -> None:
    plans = [(10.0 * i, Plan(100 + i, workers=2)) for i in range(20)]
    outcomes = simulate(plans, Times(1.0, chunk=0.5, call=3.0, commit=0.01, spread=0.3), Site(4, pooled))
    assert [o.candidates for o in outcomes] == [plan.candidates for _, plan in plans]
    end = max(begun + o.wall for (begun, _), o in zip(plans, outcomes, strict=True))
    assert sum(o.busy for o in outcomes) <= 4 * end


def test_a_run_that_keeps_its_workers_makes_the_next_one_wait_and_a_pool_does_not() -> None:
    two, times = [(0.0, Plan(16))] * 2, Times(candidate=1.0, call=16.0)
    kept, pooled = (simulate(two, times, Site(1, pooled)) for pooled in (False, True))
    assert [o.queued for o in kept] == pytest.approx([0, 48])
    assert [o.wall for o in kept] == pytest.approx([48, 96])
    assert [o.wall for o in pooled] == pytest.approx([48, 64])


def test_the_spread_of_candidates_leaves_their_mean_and_costs_at_the_end_of_rounds() -> None:
    even, uneven = (alone(Plan(4096, workers=16), Times(1.0, spread=spread)) for spread in (0.0, 0.3))
    assert uneven.busy == pytest.approx(even.busy, rel=0.02)
    assert uneven.wall > 1.3 * even.wall


@pytest.mark.parametrize(("count", "workers", "sizes"), [
    (16, 1, [8, 8]), (16, 2, [8, 8]), (16, 3, [5, 5, 6]), (16, 64, [1] * 16), (20, 2, [5, 5, 5, 5]),
])  # fmt: skip
def test_a_round_is_divided_evenly(count: int, workers: int, sizes: list[int]) -> None:
    assert divide(count, workers) == sizes


def test_a_start_is_paid_once() -> None:
    plan, times = Plan(32), Times(1.0)
    assert alone(plan, replace(times, start=7.0)).wall == pytest.approx(alone(plan, times).wall + 7)
