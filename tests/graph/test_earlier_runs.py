"""Run folders that earlier versions wrote open, resume and replay; `run_folders/README.md` says what they are."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import command
from tests.paths import ROOT

FOLDERS = Path(__file__).parent / "run_folders"
FOUND = (
    "architecture",
    "search_top1",
    "search_stderr",
    "report_top1",
    "report_stderr",
    "evaluations",
    "stopped_because",
)
"""What both versions must have found; other fields may be added to a result."""


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def unpacked(name: str) -> Path:
    with tarfile.open(FOLDERS / f"{name}.tar.xz") as archive:
        archive.extractall("runs", filter="data")
    return Path("runs") / name


def found(result: Path) -> dict[str, Any]:
    content = json.loads(result.read_text())
    return {key: content[key] for key in FOUND if key in content}


@pytest.mark.parametrize("name", ["killed-agents", "killed-random"])
def test_a_killed_run_ends_as_its_own_version_ended_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = unpacked(name)
    code, out, err = command("--resume", name, capsys=capsys)
    assert (code, err) == (0, "")
    assert "of them done before" in out
    assert len(found(run / "expected.json")) > 3
    assert found(run / "result.json") == found(run / "expected.json")


def test_a_strategy_that_waited_for_its_reviewer_waits_again(tmp_path: Path) -> None:
    run = unpacked("waiting-agents")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "--resume", run.resolve()],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(slave)
    screen, asked, end = "", 0, time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            try:
                screen += os.read(master, 65536).decode(errors="replace")
            except OSError:
                break
        if screen.count("with a remark: ") > asked:
            asked += 1
            os.write(master, b"\n")
    assert process.wait(30) == 0, screen
    assert asked == 1
    assert found(run / "result.json") == found(run / "expected.json")


def test_a_finished_run_replays_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    run = unpacked("finished-agents")
    code, out, err = command("replay", "finished-agents", capsys=capsys)
    assert (code, err) == (0, "")
    assert "equals its run" in out
    code, out, _ = command("--resume", "finished-agents", capsys=capsys)
    top1 = json.loads((run / "result.json").read_text())["report_top1"]
    assert code == 0
    assert re.search(rf"report +{top1:.2f}", out)


def test_a_run_with_the_prompts_of_an_earlier_version_is_not_continued_and_loses_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = unpacked("killed-analyst")
    code, _, err = command("--resume", "killed-analyst", capsys=capsys)
    assert code == 2
    assert "the prompts have changed since the run began" in err
    assert "use the version of the program that began the run" in " ".join(err.split())
    with closing(sqlite3.connect(run / "archive.sqlite")) as archive:
        assert archive.execute("SELECT COUNT(*) FROM evaluations").fetchone() == (20,)


def test_a_finished_run_with_the_prompts_of_an_earlier_version_still_shows(capsys: pytest.CaptureFixture[str]) -> None:
    run = unpacked("finished-disguised")
    top1 = json.loads((run / "result.json").read_text())["report_top1"]
    code, out, _ = command("--resume", "finished-disguised", capsys=capsys)
    assert code == 0
    assert re.search(rf"report +{top1:.2f}", out)
    code, _, err = command("replay", "finished-disguised", capsys=capsys)
    assert code == 2
    assert "the prompts have changed since the run began" in err
