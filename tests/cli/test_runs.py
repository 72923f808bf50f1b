"""The list of runs, as a person and a program read it."""

from __future__ import annotations

import json
import re
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.command_line import command

SEARCH = ("--supernet", "nasbench201", "--evaluations", 6, "--quiet")


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def searched(*arguments: object, capsys: pytest.CaptureFixture[str]) -> Path:
    before = set(Path("runs").glob("*"))
    assert command(*SEARCH, *arguments, capsys=capsys)[0] == 0
    (made,) = set(Path("runs").glob("*")) - before
    return made


def test_runs_are_listed_with_what_was_searched_and_found(capsys: pytest.CaptureFixture[str]) -> None:
    one = searched("--strategy", "random", "--seed", 1, capsys=capsys)
    two = searched("--max-params", 0.8, "--seed", 2, capsys=capsys)
    (one / "result.json").unlink()
    code, out, _ = command("runs", capsys=capsys)
    assert code == 0
    found = dict(re.findall(r"^(\S+)\n((?:  .*\n)+)", out, re.MULTILINE))
    found = {name: " ".join(text.split()) for name, text in found.items()}
    begun = f"{datetime.now():%Y-%m-%d}"
    assert re.fullmatch(rf"{begun} \d\d:\d\d, random: no result, of 6 evaluations", found[one.name])
    result = json.loads((two / "result.json").read_text())
    score = f"{result['report_top1']:.2f} ± {result['report_stderr']:.2f} % on report"
    what = f"collm, analyst: {score}, {result['params_m']:.2f} M params, 6 evaluations"
    assert found[two.name].endswith(f", {what}")


def test_a_program_gets_an_object_for_each_run(capsys: pytest.CaptureFixture[str]) -> None:
    run = searched("--strategy", "random", capsys=capsys)
    code, out, _ = command("runs", "--json", capsys=capsys)
    (found,) = map(json.loads, out.splitlines())
    assert code == 0
    assert (found["run"], found["finished"], found["evaluations"]) == (run.name, True, 6)
    assert found["report_top1"] == json.loads((run / "result.json").read_text())["report_top1"]


def test_a_run_that_cannot_be_read_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    run = searched("--strategy", "random", capsys=capsys)
    Path("runs/broken").mkdir()
    Path("runs/broken/config.json").write_text("{")
    code, out, _ = command("runs", capsys=capsys)
    assert code == 0
    assert {"broken", run.name} <= set(out.splitlines())
    assert "cannot be read" in out


def test_a_folder_without_runs_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("runs", "--runs", tmp_path, capsys=capsys)
    assert code == 2
    assert "expected run folders in" in err


def test_a_thousand_runs_take_less_than_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = searched("--strategy", "random", capsys=capsys)
    for n in range(1000):
        copy = tmp_path / "many" / f"{n:04}"
        copy.mkdir(parents=True)
        for name in ("config.json", "result.json"):
            shutil.copy(run / name, copy / name)
    started = time.perf_counter()
    code, out, _ = command("runs", "--runs", tmp_path / "many", capsys=capsys)
    assert code == 0
    assert len([line for line in out.splitlines() if not line.startswith(" ")]) == 1000
    assert time.perf_counter() - started < 3  # a second on a machine that does nothing else
