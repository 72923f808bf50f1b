"""A run that is killed or interrupted anywhere and continued leaves what an uninterrupted one leaves."""

from __future__ import annotations

import json
import lzma
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from graph.config import Config
from graph.run_folder import RunFolder
from tests.graph.fakes import (
    FIRST_SCHEMA,
    FormulaEvaluator,
    config,
    contents,
    eventful_script,
    models,
    random_config,
    search_in,
    timeless,
)
from tests.paths import ROOT

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def driver(folder: RunFolder, plan: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.graph.driver", str(folder.path), json.dumps(plan)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def uninterrupted(root: Path, settings: Config) -> RunFolder:
    folder = RunFolder.create(root, settings)
    search_in(folder, models=models(eventful_script())).run()
    return folder


def assert_same(folder: RunFolder, reference: RunFolder) -> None:
    assert contents(folder.archive) == contents(reference.archive)
    assert timeless(json.loads(folder.result.read_text())) == timeless(json.loads(reference.result.read_text()))


# Each child goes on where the one before was killed, so these cover a run from its first moment to its last.
KILLS = {"collm": [[2, 3, 4, 5, 6, 7, 8], [9, 19], [46]], "random": [[3, 12, 5, 7, 9]]}


@pytest.mark.parametrize("settings", [config(), random_config()], ids=["collm", "random"])
def test_killed_at_many_moments_and_continued(tmp_path: Path, settings: Config) -> None:
    killed = []
    for moments in KILLS[settings.strategy]:
        folder = RunFolder.create(tmp_path, settings)
        killed.append((folder, driver(folder, {"kill": moments})))
    reference = uninterrupted(tmp_path / "reference", settings)
    for folder, process in killed:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        assert_same(folder, reference)


def test_a_kill_reaches_every_kind_of_moment(tmp_path: Path) -> None:
    """Guards the test above: model calls of both roles, scores, the report and every event are among its moments."""
    moments: list[str] = []
    folder = RunFolder.create(tmp_path, config())
    hooked = models(eventful_script(), moments.append)
    evaluator = FormulaEvaluator(moments.append)
    search_in(
        folder, config=config(), evaluator=evaluator, models=hooked, sink=lambda e: moments.append(type(e).__name__)
    ).run()
    kinds = {"navigator", "generator", "evaluate", "report", "RunStarted", "StrategyWritten", "ProposalsMade"}
    assert kinds | {"Verdict", "Evaluated", "RoundEnded", "RunEnded"} == set(moments)


@pytest.mark.parametrize("moment", ["evaluate", "navigator"])
def test_interrupt_is_quick_and_loses_nothing(tmp_path: Path, moment: str) -> None:
    reference = uninterrupted(tmp_path / "reference", config())
    folder = RunFolder.create(tmp_path, config())
    process = driver(folder, {"sleep": [moment, 30]})
    assert process.stdout is not None
    assert process.stdout.readline() == "asleep\n"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    # On an idle machine it is a few hundredths of a second; a machine under load must not fail this.
    assert time.monotonic() - started < 5
    process.communicate(timeout=20)
    assert process.returncode == 0
    search_in(folder, config=config(), models=models(eventful_script())).run()
    assert_same(folder, reference)


def stop_at(number: int) -> Any:
    """Interrupts at the given score."""
    seen = 0

    def before(name: str) -> None:
        nonlocal seen
        seen += name == "evaluate"
        if seen == number:
            raise KeyboardInterrupt

    return before


def test_continuing_asks_and_scores_nothing_twice(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config())
    first = FormulaEvaluator(stop_at(8))
    with pytest.raises(KeyboardInterrupt):
        search_in(folder, config=config(), evaluator=first, models=models(eventful_script())).run()
    asked: list[str] = []
    second = FormulaEvaluator()
    events: list[Any] = []
    search_in(
        folder, config=config(), evaluator=second, models=models(eventful_script(), asked.append), sink=events.append
    ).run()
    assert events[0].done == 7
    assert len(first.scored) == 7
    assert len(second.scored) == 7
    assert not set(first.scored) & set(second.scored)
    assert asked == ["navigator", "generator"]  # of the third round alone
    assert {event.round for event in events if hasattr(event, "round")} == {2, 3}


def test_without_its_checkpoints_a_run_goes_on_from_the_archive(tmp_path: Path) -> None:
    reference = uninterrupted(tmp_path / "reference", config())
    folder = RunFolder.create(tmp_path, config())
    with pytest.raises(KeyboardInterrupt):
        search_in(
            folder,
            config=config(),
            evaluator=FormulaEvaluator(stop_at(8)),
            models=models(eventful_script()),
            sink=print,
        ).run()
    for path in folder.path.glob("checkpoints.sqlite*"):
        path.unlink()
    search_in(folder, config=config(), models=models(eventful_script())).run()
    assert_same(folder, reference)


def test_a_run_that_an_earlier_program_began_is_continued(tmp_path: Path) -> None:
    reference = uninterrupted(tmp_path / "reference", config())
    folder = RunFolder.create(tmp_path, config())
    folder.archive.write_bytes(lzma.decompress(FIRST_SCHEMA.read_bytes()))
    search_in(folder, config=config(), models=models(eventful_script())).run()
    assert contents(folder.archive)["evaluations"] == contents(reference.archive)["evaluations"]


def test_continuing_a_finished_run_tells_its_result_again(tmp_path: Path) -> None:
    folder = uninterrupted(tmp_path, config())
    before = (folder.result.read_text(), contents(folder.archive))
    evaluator = FormulaEvaluator()
    search_in(folder, config=config(), evaluator=evaluator, models=models({})).run()
    assert evaluator.scored == []
    assert (folder.result.read_text(), contents(folder.archive)) == before
