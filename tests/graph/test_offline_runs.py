"""Runs recorded when the analyst was named `offline` replay exactly, and continue under the recorded name."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

from agents.models.model_registry import chat_models
from cli.session import open_evaluator
from graph.replay.replay import replay
from graph.run_folder import RunFolder
from supernets.families.registry import get_space
from tests.graph.fakes import search_in

RECORDED = Path(__file__).parent / "archives" / "offline_runs.tar.xz"
CALLS = "SELECT key, role, round, model, text FROM calls ORDER BY rowid"
SCORES = "SELECT architecture, split, top1 FROM evaluations ORDER BY split, round, idx"


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


def test_a_finished_run_replays_exactly(runs: Path) -> None:
    run = RunFolder(runs / "whole")
    again, opened = RunFolder.make(runs, "replay"), open_evaluator(run.config())
    replay(run, again, get_space("nasbench201"), opened.evaluator, lambda event: None)
    assert rows(again, CALLS) == rows(run, CALLS)
    assert json.loads(again.result.read_text())["models"] == {"navigator": "offline", "generator": "offline"}


def test_an_interrupted_run_continues_under_the_recorded_name(runs: Path) -> None:
    # What follows is not compared with `whole`: the last bits of the fit, and so its draws, depend on the processor.
    run = RunFolder(runs / "cut")
    config, before = run.config(), rows(run, CALLS)
    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    assert len(before) == 6
    search_in(
        run, config=config, space=get_space("nasbench201"), evaluator=open_evaluator(config).evaluator, models=models
    ).run()
    after = rows(run, CALLS)
    assert after[:6] == before
    assert len(after) > 6
    assert {model for _, _, _, model, _ in after} == {"offline"}
    assert sum(split == "search" for _, split, _ in rows(run, SCORES)) == config.evaluations
