"""Runs of a study in a pool of processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import UserError
from graph.config import Config
from studies.compare.curves import is_finished
from studies.compare.study import Study
from studies.compare.study_runner import Parts, run_all
from tests.studies.compare.conftest import assemble, make_study


def assemble_evolution(config: Config) -> Parts:
    if config.strategy == "random":
        raise UserError("no random search today")
    return assemble(config)


def test_a_run_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    runs = list(make_study(tmp_path, seeds=1).runs())
    seen: list[tuple[int, int]] = []
    failed = run_all(runs, assemble_evolution, 2, lambda done, total: seen.append((done, total)))
    assert failed == {runs[0].folder: "no random search today"}
    assert [is_finished(run) for run in runs] == [False, True]
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_finished_runs_are_left_alone(study: Study) -> None:
    seen: list[tuple[int, int]] = []
    assert run_all(list(study.runs()), assemble, 1, lambda done, total: seen.append((done, total))) == {}
    assert seen == [(4, 4)]


def test_a_study_needs_a_process() -> None:
    with pytest.raises(UserError, match="--workers: expected 1 or more, got 0"):
        run_all([], assemble, 0, lambda done, total: None)
