"""Runs of a study in a pool of processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from agents.calls.transcript import Call, Reply, Request
from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from studies.compare.curves import is_finished
from studies.compare.study import Study, StudyRun
from studies.compare.study_runner import Parts, StudyBudget, run_all
from supernets.families.registry import get_space
from tests.studies.compare.conftest import assemble, make_study


def assemble_evolution(config: Config) -> Parts:
    if config.strategy == "random":
        raise UserError("no random search today")
    return assemble(config)


def test_a_run_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    runs = list(make_study(tmp_path, seeds=1).runs())
    seen: list[tuple[int, int]] = []
    failed = run_all(runs, assemble_evolution, 2, lambda done, total: seen.append((done, total)), StudyBudget())
    assert failed == {runs[0].folder: "no random search today"}
    assert [is_finished(run) for run in runs] == [False, True]
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_finished_runs_are_left_alone(study: Study) -> None:
    seen: list[tuple[int, int]] = []
    assert run_all(list(study.runs()), assemble, 1, lambda done, total: seen.append((done, total)), StudyBudget()) == {}
    assert seen == [(4, 4)]


def test_a_study_needs_a_process() -> None:
    with pytest.raises(UserError, match="--workers: expected 1 or more, got 0"):
        run_all([], assemble, 0, lambda done, total: None, StudyBudget())


def with_models(root: Path) -> list[StudyRun]:
    model = ModelSettings(name="scripted:none")
    base = Config(supernet="nasbench201", evaluations=12, models={"navigator": model, "generator": model})
    return list(make_study(root, base=base, strategies=("random", "collm"), seeds=2).runs())


def spend(run: StudyRun, tokens: int, usd: float) -> None:
    folder = RunFolder.at(run.folder, run.config)
    request = Request(role="navigator", round=1, attempt=1, model="m", messages=({"role": "user", "content": "?"},))
    reply = Reply(text="!", prompt_tokens=tokens - 1, completion_tokens=1, cost_usd=usd, seconds=1.0)
    with closing(Archive(folder.archive, get_space("nasbench201"))) as archive:
        archive.calls.record(Call(request, reply))


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (StudyBudget(), ""),
        (StudyBudget(tokens=1001, usd=0.31), ""),
        (StudyBudget(tokens=1000), "not begun: the study's budget of 1,000 tokens is spent (1,000)"),
        (StudyBudget(usd=0.25), "not begun: the study's budget of $0.25 is spent ($0.3)"),
    ],
)
def test_a_budget_counts_what_all_runs_have_spent(tmp_path: Path, budget: StudyBudget, told: str) -> None:
    runs = with_models(tmp_path)
    spend(runs[2], 600, 0.1)
    spend(runs[3], 400, 0.2)
    assert budget.spent(runs) == told


def test_when_the_budget_is_spent_only_runs_without_models_begin(tmp_path: Path) -> None:
    runs = with_models(tmp_path)
    spend(runs[3], 400, 0.2)
    failed = run_all(runs, assemble, 2, lambda done, total: None, StudyBudget(tokens=300))
    assert set(failed) == {runs[2].folder, runs[3].folder}
    assert all(problem.startswith("not begun") for problem in failed.values())
    assert [is_finished(run) for run in runs] == [True, True, False, False]
