"""What differs between runs, and the error of the difference of what they found."""

from __future__ import annotations

from pathlib import Path

import pytest

import collm_nas
from collm_nas import AskTell
from studies.run_difference import run_difference

pytestmark = pytest.mark.usefixtures("own_place")


def test_a_run_differs_from_itself_in_nothing() -> None:
    run = collm_nas.search("nasbench201", evaluations=5)
    found = run_difference(run, run)
    assert found.settings == []
    assert all(there == here for _, there, here in found.found)
    assert found.difference == 0


def test_report_scores_have_a_difference_with_its_error(images: Path) -> None:
    runs = [
        collm_nas.search("spos", strategy="random", evaluations=2, images=images, limits={}, seed=seed)
        for seed in (1, 2)
    ]
    found = run_difference(*runs)
    reports = [run.report for run in runs if run.report is not None]
    assert found.difference == reports[1].top1 - reports[0].top1
    assert found.difference_error == pytest.approx((reports[0].stderr ** 2 + reports[1].stderr ** 2) ** 0.5)
    assert f"{found.difference:+.2f} ± {found.difference_error:.2f} points" in found.note
    assert [row for row in found.settings if row[0] == "seed"] == [("seed", "1", "2")]
    assert any(name == "blocks" for name, _, _ in found.found)


def test_scores_that_were_taken_differently_or_are_missing_have_no_difference() -> None:
    one = collm_nas.search("nasbench201", evaluations=3)
    other = collm_nas.search("nasbench201", evaluations=3, dataset="cifar100")
    found = run_difference(one, other)
    assert (found.difference, found.difference_error) == (None, None)
    assert "taken differently and cannot be compared" in found.note
    search = AskTell.start("nasbench201", how="by hand", search_images=5, report_images=5, evaluations=2)
    search.ask()
    assert "A report score is missing" in run_difference(one, search.run()).note
