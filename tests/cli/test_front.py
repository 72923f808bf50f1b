"""The front of runs, as a person and a program read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collm_nas import load
from studies.front_plot import draw_front
from tests.command_line import command

SEARCH = ("--supernet", "nasbench201", "--evaluations", 12, "--strategy", "random", "--quiet")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for seed in (1, 2):
        assert command(*SEARCH, "--seed", seed, capsys=capsys)[0] == 0
    return sorted(path.name for path in Path("runs").glob("*"))


def test_the_front_of_a_run_is_listed_and_drawn(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command("front", runs[0], "--cost", "params_m", "--out", "front.png", capsys=capsys)
    expected = [score.architecture.id for score in load(runs[0]).front("params_m")]
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1 : len(expected) + 1]] == expected
    assert f"{len(expected)} of 12 scores" in out
    assert Path("front.png").stat().st_size > 1000


def test_winners_are_drawn_with_their_report_scores(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    limited = (*SEARCH, "--max-params", "0.3,0.8", "--name", "swept")
    assert command(*limited, capsys=capsys)[0] == 0
    run = load("swept")
    assert [point.score for point in run.reported("params_m")] == [winner.report for winner in run.winners]
    code, out, _ = command("front", "swept", "--out", "front.svg", capsys=capsys)
    assert code == 0
    assert "M params" in out  # the cost with a limit
    with_winners = Path("front.svg").read_text().count("<use ")
    draw_front(run.points("params_m"), "M", Path("without.svg"))
    assert with_winners > Path("without.svg").read_text().count("<use ")


def test_runs_are_put_together(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command("front", *runs, "--json", capsys=capsys)
    found = [json.loads(line) for line in out.splitlines()]
    both = [score for run in runs for score in load(run).evaluations]
    assert code == 0
    assert {each["run"] for each in found} <= set(runs)
    assert found[-1]["top1"] == max(score.top1 for score in both)
    assert [each["macs_m"] for each in found] == sorted(each["macs_m"] for each in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cost", "watts"), "--cost: expected one of macs_m"),
        (("--cost", "latency_ms"), "expected scores with latency_ms"),
        (("--out", "front.doc"), "--out front.doc: the plot cannot be written"),
        (("--out", "absent/front.png"), "the plot cannot be written"),
    ],
)
def test_what_cannot_be_shown_is_told(
    runs: list[str], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = command("front", runs[0], *arguments, capsys=capsys)
    assert code == 2
    assert said in err


def test_runs_that_were_scored_in_different_ways_are_not_mixed(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*SEARCH, "--dataset", "cifar100", capsys=capsys)[0] == 0
    other = next(path.name for path in Path("runs").glob("*") if path.name not in runs)
    code, _, err = command("front", runs[0], other, capsys=capsys)
    assert code == 2
    assert "dataset" in err
