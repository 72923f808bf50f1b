"""A replay equals its run, asks nobody, and names what differs."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.terminal.console import plain_console
from cli.terminal.trace import Trace
from common.errors import UserError
from graph.config import Config
from graph.replay.replay import replay
from graph.run_folder import RunFolder
from graph.steering import ACCEPT
from tests.graph.fakes import (
    SPACE,
    FormulaEvaluator,
    config,
    contents,
    eventful_script,
    models,
    random_config,
    search_in,
)
from tests.graph.test_resume import stop_at
from tests.graph.test_steering import OWN, edit, remark, saying


def searched(root: Path, settings: Config, **more: Any) -> RunFolder:
    """The folder of a whole search, with its trace."""
    folder = RunFolder.create(root, settings)
    with folder.trace.open("w") as file:
        options = {"evaluator": FormulaEvaluator(), "models": models(eventful_script()), **more}
        sink = Trace(plain_console(io.StringIO()), file)
        search_in(folder, sink=sink, **options).run()
    return folder


def replayed(run: RunFolder, evaluator: FormulaEvaluator | None = None) -> RunFolder:
    folder = RunFolder.make(run.path.parent, "replay")
    with folder.trace.open("w") as file:
        replay(run, folder, SPACE, evaluator, Trace(plain_console(io.StringIO()), file))
    return folder


def assert_same(run: RunFolder, again: RunFolder) -> None:
    assert again.result.read_bytes() == run.result.read_bytes()
    assert contents(again.archive) == contents(run.archive)
    assert again.config() == run.config()
    assert trace(again) == trace(run)


def trace(folder: RunFolder) -> str:
    """But for the run's name and how long it took here."""
    text = folder.trace.read_text().replace(folder.id, "")
    return re.sub(r"(?<=, )\d+(\.\d+)? m?s\b", "", text)


@pytest.mark.parametrize("settings", [config(), random_config()], ids=["collm", "random"])
@pytest.mark.parametrize("evaluator", [FormulaEvaluator(), None], ids=["measured", "recorded"])
def test_a_replay_equals_its_run(tmp_path: Path, settings: Config, evaluator: FormulaEvaluator | None) -> None:
    run = searched(tmp_path, settings)
    assert_same(run, replayed(run, evaluator))


def test_a_run_that_was_interrupted_is_replayed_as_a_whole(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config())
    with pytest.raises(KeyboardInterrupt):
        search_in(
            folder,
            config=config(),
            evaluator=FormulaEvaluator(stop_at(8)),
            models=models(eventful_script()),
            sink=print,
        ).run()
    with pytest.raises(UserError, match="is not finished; continue it first: --resume"):
        replayed(folder)
    search_in(folder, config=config(), models=models(eventful_script())).run()
    again = replayed(folder)
    assert again.result.read_bytes() == folder.result.read_bytes()
    assert contents(again.archive) == contents(folder.archive)


def test_a_run_whose_time_was_up_stops_where_it_did(tmp_path: Path) -> None:
    now = 0.0

    def work(name: str) -> None:
        nonlocal now
        now += 25 if name == "evaluate" else 0

    settings = config(minutes=3)
    run = searched(tmp_path, settings, evaluator=FormulaEvaluator(work), clock=lambda: now)
    assert json.loads(run.result.read_text())["stopped_because"] == "budget of 3 minutes spent"
    assert_same(run, replayed(run, FormulaEvaluator()))


def test_a_replay_that_broke_off_is_no_run_to_continue(tmp_path: Path) -> None:
    run = searched(tmp_path, config())
    with pytest.raises(KeyboardInterrupt):
        replayed(run, FormulaEvaluator(stop_at(3)))
    with pytest.raises(UserError, match="no run 'replay'"):
        RunFolder.find(tmp_path, "replay")


def test_a_reviewed_run_is_repeated_with_its_feedback(tmp_path: Path) -> None:
    reviewer = saying(remark("Deeper."), ACCEPT, edit(OWN))
    run = searched(tmp_path, config(interactive=True), reviewer=reviewer)
    assert_same(run, replayed(run))
