"""Curves of finished runs."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from graph.archive.archive import Archive
from studies.compare.curves import is_finished, read
from studies.compare.study import Study
from tests.studies.compare.conftest import EVALUATIONS, assemble, make_study


def test_a_curve_is_the_best_score_so_far_with_its_report(study: Study) -> None:
    run = next(study.runs())
    parts = assemble(run.config)
    finished = read(run, parts.space, lambda a: parts.evaluator.report(a).top1)
    archive = Archive(run.folder / "archive.sqlite", parts.space)
    scores = archive.evaluations(1, archive.last_round)
    archive.close()
    assert finished.search == tuple(accumulate((score.top1 for score in scores), max))
    assert len(finished.search) == len(finished.report) == EVALUATIONS
    assert finished.report[-1] == finished.winner_report == parts.evaluator.report(finished.winner).top1
    assert (finished.strategy, finished.seed) == ("random", 0)


def test_without_cheap_reports_only_the_winner_has_one(study: Study) -> None:
    run = next(study.runs())
    assert read(run, assemble(run.config).space, None).report == ()


def test_a_run_without_a_result_is_not_finished(study: Study, tmp_path: Path) -> None:
    assert all(is_finished(run) for run in study.runs())
    assert not any(is_finished(run) for run in make_study(tmp_path).runs())
