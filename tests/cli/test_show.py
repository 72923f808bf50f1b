"""A run and its candidates in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

import collm_nas
from collm_nas import AskTell
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")


def test_a_run_is_shown_with_its_setting_result_and_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", evaluations=12, per_round=6, name="mine")
    assert run.best is not None
    code, out, _ = command("show", "mine", capsys=capsys)
    assert code == 0
    assert run.best.architecture.id in out
    assert f"{run.space.cost(run.best.architecture).macs_m:.1f} M" in out
    assert "budget of 12 evaluations spent" in out
    assert "stage 1" in out
    rounds = [line.split() for line in out.splitlines() if line.startswith("round ")]
    assert [(line[1], line[2]) for line in rounds] == [("1", "6"), ("2", "6")]


def test_a_candidate_is_shown_by_the_beginning_of_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", strategy="random", evaluations=4, runs="elsewhere")
    worst = min(run.evaluations, key=lambda score: score.top1)
    arguments = (run.id, worst.architecture.id[:8], "--runs", "elsewhere")
    code, out, _ = command("show", *arguments, capsys=capsys)
    assert code == 0
    assert worst.architecture.id in out
    assert f"{worst.top1:.2f}" in out
    assert "genotype" in out
    code, _, err = command("show", run.id, "zz", "--runs", "elsewhere", capsys=capsys)
    assert (code, "expected the id of one scored candidate" in err) == (2, True)


def test_a_run_that_goes_on_and_one_that_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    search = AskTell.start("spos", how="by hand", search_images=10, report_images=10, evaluations=5)
    search.ask()
    code, out, _ = command("show", search.folder, capsys=capsys)
    assert code == 0
    assert "nothing is scored yet" in out
    assert "not finished: continue it with --resume" in out
    monkeypatch.setenv("COLLM_RUNS", str(Path("none")))
    code, _, err = command("show", "absent", capsys=capsys)
    assert (code, "the id of one under none" in err) == (2, True)


def test_several_limits_have_a_winner_each(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(
        "--supernet", "nasbench201", "--strategy", "random", "--max-params", "0.3,0.8", "--evaluations", 16, "--name",
        "mine", capsys=capsys,
    )  # fmt: skip
    assert code == 0
    assert "round 1: parameters <= 0.8 M" in out
    assert "round 2: parameters <= 0.3 M" in out
    run = collm_nas.load("mine")
    assert [str(winner.limits) for winner in run.winners] == ["parameters <= 0.3 M", "parameters <= 0.8 M"]
    shown = command("show", "mine", capsys=capsys)[1]
    for winner in run.winners:
        assert winner.report is not None
        row = f"{winner.limits}  {winner.search.architecture.id}"
        for text in (out, shown):
            (line,) = [line for line in text.splitlines() if row in line]
            assert f"{winner.search.top1:.2f} ± {winner.search.stderr:.2f}" in line
            assert f"{winner.report.top1:.2f} ± {winner.report.stderr:.2f}" in line
