"""What a comparison says of numbers that are known."""

from __future__ import annotations

import pytest

from studies.compare.curves import FinishedRun
from studies.compare.statistics import ScoreRange, summaries
from supernets.families.registry import get_space

SPACE = get_space("nasbench201")
RANGES = {"d": ScoreRange(typical=0.0, best=100.0)}


def finished(strategy: str, seed: int, search: list[float], report: float) -> FinishedRun:
    return FinishedRun(
        dataset="d",
        strategy=strategy,
        seed=seed,
        search=tuple(search),
        report=(),
        winner=SPACE.smallest(),
        winner_report=report,
    )


def test_means_marks_and_arrivals() -> None:
    runs = [finished("a", 0, [10.0] * 9 + [50.0, 99.5], 60.0), finished("a", 1, [30.0] * 12, 40.0)]
    (summary,) = summaries(runs, RANGES, "a")
    assert list(summary.at) == [10]
    assert summary.at[10] == pytest.approx((40.0, 14.142), abs=1e-3)
    assert (summary.mean, summary.median, summary.seeds) == (50.0, 50.0, 2)
    assert (summary.arrived, summary.evaluations) == (1, 11.0)
    assert summary.p is None


def test_p_values_are_paired_by_seed_and_corrected_for_the_number_of_comparisons() -> None:
    seeds = range(8)
    runs = [finished("base", s, [1.0], float(s)) for s in seeds]
    runs += [finished("better", s, [1.0], s + 5.0 + s / 10) for s in seeds]
    runs += [finished("same", s, [1.0], float(s)) for s in seeds]
    by = {summary.strategy: summary.p for summary in summaries(runs, RANGES, "base")}
    # All eight differences have one sign: 2 / 2**8 by the exact test, twice that for two comparisons.
    assert by == {"base": None, "better": pytest.approx(2 * 2 / 256), "same": 1.0}


def test_too_few_seeds_have_no_p_value() -> None:
    runs = [finished(name, s, [1.0], float(s)) for name in ("a", "b") for s in range(4)]
    assert [summary.p for summary in summaries(runs, RANGES, "a")] == [None, None]
