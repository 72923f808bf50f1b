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
        (["--strategies", ","], "--strategies: expected at least one, got none"),
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


def rows(out: str) -> set[str]:
    return {line.split()[0] for line in out.splitlines() if line.strip()}


def test_models_of_several_files_are_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("one.yaml").write_text("llm: analyst\n")
    Path("two.yaml").write_text("models:\n  navigator: analyst\n  generator: analyst\n")
    asked = ("--strategies", "random,collm", "--models", "one.yaml,two.yaml", "--evaluations", 8, "--seeds", 1)
    code, out, err = command(*STUDY, *asked, capsys=capsys)
    assert (code, err.count("not finished")) == (0, 0)
    assert {"random", "collm-one", "collm-two"} <= rows(out)
    assert "by search score" in out


def test_options_of_a_search_reach_every_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.yaml").write_text("evaluations: 6\nper_round: 3\nlimits: {params_m: 5}\nevidence: true\n")
    asked = ("--supernet", "ofa-w1.0", "--score", "predictor", "--config", "study.yaml", "--seeds", 1)
    code, _, err = command("compare", *asked, "--strategies", "random,collm", capsys=capsys)
    assert (code, err.count("not finished")) == (0, 0)
    configs = [json.loads(path.read_text()) for path in tmp_path.rglob("config.json")]
    assert len(configs) == 2
    for config in configs:
        assert (config["supernet"], config["evaluations"], config["per_round"]) == ("ofa-w1.0-predicted", 6, 3)
        assert config["limits"] == {"params_m": 5}
        assert config["evidence"] == (config["strategy"] == "collm")


def test_the_configuration_of_a_run_can_be_that_of_a_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = command("--supernet", "nasbench201", "--strategy", "random", "--evaluations", 5, capsys=capsys)
    assert code == 0
    (config,) = tmp_path.glob("runs/*/config.json")
    code, out, _ = command("compare", "--config", config, "--strategies", "random", "--seeds", 1, capsys=capsys)
    assert code == 0
    assert "random" in rows(out)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("llm: analyst\nseed: 3\n", "and nothing else; got llm, seed"),
        ("seed: 3\n", "expected models: with navigator and generator, or llm: NAME, and nothing else; got seed"),
        ("models: {navigator: analyst}\n", "found no generator"),
        ("llm: 3\n", "one.yaml: llm: expected a valid string"),
    ],
)
def test_files_of_models_that_cannot_be_used_are_told(
    content: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("one.yaml").write_text(content)
    code, _, err = command(*STUDY, "--models", "one.yaml", capsys=capsys)
    assert code == 2
    assert message in " ".join(err.split())


def test_models_are_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command(*STUDY, "--models", "one.yaml", "--llm", "analyst", capsys=capsys)
    assert (code, "--models and --llm: expected one of them" in err) == (2, True)
    Path("one.yaml").write_text("llm: analyst\n")
    code, _, err = command(*STUDY, "--models", "one.yaml,one.yaml", capsys=capsys)
    assert (code, "expected files of different names" in err) == (2, True)


def test_a_limit_is_checked_before_the_first_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command(*STUDY, "--max-macs", 1, capsys=capsys)
    assert code == 2
    assert "no sub-network of nasbench201 meets macs_m <= 1" in err
    assert not list(tmp_path.rglob("config.json"))
