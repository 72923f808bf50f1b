"""Runs recorded when the analyst was named `offline`: they are shown, but the prompts of their time are gone."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

from agents.models.model_registry import chat_models
from common.errors import UserError
from graph.opening import open_evaluator
from graph.replay.replay import replay
from graph.run_folder import RunFolder
from supernets.families.registry import get_space
from tests.graph.fakes import search_in

RECORDED = Path(__file__).parent / "archives" / "offline_runs.tar.xz"
CALLS = "SELECT key, role, round, model, text FROM calls ORDER BY rowid"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """`whole`, a finished run of NAS-Bench-201, and `cut`, the same run interrupted in its third round."""
    with tarfile.open(RECORDED) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def rows(run: RunFolder, sql: str) -> list[Any]:
    connection = sqlite3.connect(run.archive)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_finished_run_is_shown_under_the_recorded_name(runs: Path) -> None:
    run = RunFolder(runs / "whole")
    assert {settings.name for settings in run.config().models.values()} == {"offline"}
    assert json.loads(run.result.read_text())["models"] == {"navigator": "offline", "generator": "offline"}


@pytest.mark.parametrize("name", ["whole", "cut"])
def test_runs_with_its_prompts_are_neither_repeated_nor_continued(runs: Path, name: str) -> None:
    run, before = RunFolder(runs / name), rows(RunFolder(runs / name), CALLS)
    config = run.config()
    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    space, evaluator = get_space("nasbench201"), open_evaluator(config).evaluator

    def go_on() -> None:
        if name == "whole":
            replay(run, RunFolder.make(runs, "replay"), space, evaluator, lambda event: None)
        else:
            search_in(run, config=config, space=space, evaluator=evaluator, models=models).run()

    with pytest.raises(UserError, match="the prompts have changed since the run began"):
        go_on()
    assert rows(run, CALLS) == before
