"""The command that compares strategies, as a person uses it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.command_line import command

STUDY = ("compare", "--supernet", "nasbench201", "--evaluations", 20, "--seeds", 2, "--workers", 2)


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COLLM_LLM", raising=False)


def test_a_study_is_run_shown_written_and_added_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*STUDY, "--strategies", "random,evolution", capsys=capsys)
    assert code == 0
    (folder,) = (tmp_path / "comparisons").iterdir()
    assert "cifar10: what was found" in out
    assert {path.name for path in folder.iterdir()} == {"cifar10", "compare.csv", "compare.png", "compare.svg"}
    with (folder / "compare.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 2 * 2 * 20
    results = {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}
    assert len(results) == 4
    # A run that is unfinished is finished; those that are done are left alone.
    cut = next(iter(results))
    cut.unlink()
    code, out, _ = command(*STUDY, "--strategies", "random,evolution,local", capsys=capsys)
    assert code == 0
    assert "local" in out
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}
    assert len(after) == 6
    assert all(after[path] == stamp for path, stamp in results.items() if path != cut)


def test_strategies_that_ask_a_model_run_in_disguise_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--strategies", "random,collm", "--baseline", "collm", "--disguise", "--seeds", 1)
    code, out, _ = command(*STUDY, *asked, capsys=capsys)
    assert code == 0
    rows = {line.split()[0] for line in out.splitlines() if line}
    assert {"random", "collm-analyst", "collm-analyst-disguised"} <= rows
    assert "p against collm-analyst" in out


def test_a_run_that_fails_leaves_the_others_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "broken.json"
    script.write_text(json.dumps({"navigator": ["no strategy at all"], "generator": ["nothing"]}))
    code, out, err = command(*STUDY, "--strategies", "random,collm", "--llm", f"scripted:{script}", capsys=capsys)
    assert code == 0
    assert err.count("not finished") == 2
    assert "random" in out


def test_runs_keep_a_limit_on_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limited = ("--supernet", "ofa-w1.0-predicted", "--max-memory-mb", 1, "--evaluations", 4, "--seeds", 1)
    code, _, _ = command("compare", *limited, "--strategies", "random", capsys=capsys)
    assert code == 0
    (result,) = (tmp_path / "comparisons").rglob("result.json")
    assert json.loads(result.read_text())["memory_mb"] <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "0"], "--seeds: expected 1 or more, got 0"),
        (["--strategies", "random,magic"], "unknown strategy 'magic'"),
        (["--strategies", "random,random"], "expected each once"),
        (["--strategies", "evolution"], "--baseline: expected one of evolution; got 'random'"),
        (["--dataset", "mnist"], "--dataset: nasbench201 has cifar10, cifar100, imagenet16-120; got 'mnist'"),
        (["--evaluations", "0"], "evaluations: expected 1 or more, got 0"),
        (["--workers", "0"], "--workers: expected 1 or more, got 0"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("compare", "--supernet", "nasbench201", *arguments, capsys=capsys)
    assert code == 2
    assert message in err
