"""Curves of finished runs."""

from __future__ import annotations

from itertools import accumulate
from math import isnan
from pathlib import Path
from typing import Any

from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from studies.compare.curves import is_finished, read
from studies.compare.study import Study, StudyRun
from tests.studies.compare.conftest import EVALUATIONS, assemble, make_study


def test_a_curve_is_the_best_score_so_far_with_its_report(study: Study) -> None:
    run = next(study.runs())
    parts = assemble(run.config)
    (finished,) = read(run, parts.space, lambda a: parts.evaluator.report(a).top1)
    archive = Archive(run.folder / "archive.sqlite", parts.space)
    scores = archive.evaluations(1, archive.last_round)
    archive.close()
    assert finished.search == tuple(accumulate((score.top1 for score in scores), max))
    assert len(finished.search) == len(finished.report) == EVALUATIONS
    assert finished.report[-1] == finished.winner_report == parts.evaluator.report(finished.winner).top1
    assert (finished.strategy, finished.seed) == ("random", 0)


def test_without_cheap_reports_only_the_winner_has_one(study: Study) -> None:
    run = next(study.runs())
    (finished,) = read(run, assemble(run.config).space, None)
    assert finished.report == ()


def test_a_run_with_several_limits_has_a_curve_for_each(tmp_path: Path) -> None:
    limits: Any = {"params_m": [0.3, 0.8]}
    config = Config(supernet="nasbench201", strategy="random", evaluations=EVALUATIONS, limits=limits)
    parts = assemble(config)
    place = tmp_path / "random" / "s0"
    Search(
        config=config, space=parts.space, evaluator=parts.evaluator, models={}, folder=RunFolder.at(place, config),
        sink=lambda event: None,
    ).run()  # fmt: skip
    narrow, wide = read(StudyRun("cifar10", config, place), parts.space, None)
    assert (narrow.dataset, wide.dataset) == ("cifar10, parameters <= 0.3 M", "cifar10, parameters <= 0.8 M")
    assert len(narrow.search) == len(wide.search) == EVALUATIONS
    # The first round is for the wider limit, in which the narrower may have nothing yet.
    assert all(isnan(n) or n <= w for n, w in zip(narrow.search, wide.search, strict=True))
    assert parts.space.cost(narrow.winner).params_m <= 0.3


def test_a_run_without_a_result_is_not_finished(study: Study, tmp_path: Path) -> None:
    assert all(is_finished(run) for run in study.runs())
    assert not any(is_finished(run) for run in make_study(tmp_path).runs())
