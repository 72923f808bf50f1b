"""The command that has a model predict scores, as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import collm_nas
from graph.archive.calls import calls_in
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")


def test_without_a_model_the_baselines_stand_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command("predict", "--task", "wmt14ende", capsys=capsys)
    assert code == 0
    for name in ("HAT, fitted", "line on decoder layers", "ridge", "mean of the examples"):
        assert name in out
    written = json.loads(Path("predictions/wmt14ende-10-examples-s0/predictions.json").read_text())
    assert (written["model"], written["examples"], written["tests"]) == (None, 10, 20)
    assert len(written["predictors"]["ridge"]["mean_absolute_error"]) == 3


def test_a_model_is_asked_once_for_each_network_and_continued(capsys: pytest.CaptureFixture[str]) -> None:
    Path("answers.json").write_text(json.dumps({"predictor": [[{"score": 25.0}], ["no", {"score": 26.5}], "no idea"]}))
    asked = ("predict", "--task", "wmt14ende", "--llm", "scripted:answers.json", "--tests", 3)
    code, out, err = command(*asked, "--draws", 1, capsys=capsys)
    assert (code, err) == (0, "")
    assert "1 without a prediction" in out
    assert "6 calls" in " ".join(out.split())
    (folder,) = Path("predictions").iterdir()
    with calls_in(folder / "calls.sqlite") as calls:
        before = list(calls)
    assert {call.request.role for call in before} == {"predictor"}
    assert "BLEU: 2" in before[0].request.messages[-1]["content"]
    code, out, _ = command(*asked, "--draws", 2, capsys=capsys)
    assert code == 0
    with calls_in(folder / "calls.sqlite") as calls:
        assert list(calls)[: len(before)] == before
    written = json.loads((folder / "predictions.json").read_text())
    assert written["predictors"]["scripted:answers.json"]["missing"] == 4


def test_several_answers_are_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    Path("answers.json").write_text(json.dumps({"predictor": [[{"score": 20}, "x", "x", {"score": 30}]]}))
    asked = ("predict", "--task", "wmt14ende", "--llm", "scripted:answers.json", "--tests", 2, "--draws", 1)
    assert command(*asked, "--answers", 2, capsys=capsys)[0] == 0
    (folder,) = Path("predictions").iterdir()
    with calls_in(folder / "calls.sqlite") as calls:
        assert sorted({call.request.attempt for call in calls}) == [1, 4]


def test_the_scores_of_a_run_are_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    search = ("--supernet", "nasbench201", "--strategy", "random", "--evaluations", 24, "--name", "mine", "--quiet")
    assert command(*search, capsys=capsys)[0] == 0
    Path("answers.json").write_text(json.dumps({"predictor": [{"score": 90}]}))
    asked = ("predict", "mine", "--llm", "scripted:answers.json", "--draws", 1, "--disguise", "--examples", 6)
    code, out, _ = command(*asked, capsys=capsys)
    assert code == 0
    assert "Scores are those of mine" in out
    assert "percentage points" in out
    (folder,) = Path("predictions").iterdir()
    with calls_in(folder / "calls.sqlite") as calls:
        sent = "".join(message["content"] for call in calls for message in call.request.messages)
    assert "x[0]" in sent
    assert not {word for word in ("CIFAR", "3x3", "cell") if word in sent}


def test_a_model_is_distilled_once_and_a_search_learns_from_its_labels(capsys: pytest.CaptureFixture[str]) -> None:
    search = ("--supernet", "nasbench201", "--evaluations", 24, "--quiet")
    assert command(*search, "--strategy", "random", "--name", "mine", capsys=capsys)[0] == 0
    Path("answers.json").write_text(json.dumps({"predictor": [{"score": 60}, {"score": 65}, "no idea", {"score": 70}]}))
    asked = ("predict", "mine", "--llm", "scripted:answers.json", "--draws", 1, "--tests", 4, "--distill", 12)
    code, out, err = command(*asked, capsys=capsys)
    assert (code, err) == (0, "")
    (folder,) = Path("predictions").iterdir()
    told = " ".join(out.split())
    assert "distilled, 12 labels" in told
    assert "12 labels of 12 asked for; a fit to them is" in told
    labels = json.loads((folder / "labels.json").read_text())
    assert (labels["supernet"], labels["model"]) == ("nasbench201", "scripted:answers.json")
    with calls_in(folder / "calls.sqlite") as calls:
        before = len(list(calls))
    assert command(*asked, capsys=capsys)[0] == 0
    with calls_in(folder / "calls.sqlite") as calls:
        assert len(list(calls)) == before
    learning = (*search, "--strategy", "hs-nas", "--labels", folder / "labels.json", "--name", "learning")
    assert command(*learning, capsys=capsys)[0] == 0
    assert "fitted to 12 labels of scripted:answers.json" in collm_nas.load("learning").strategies[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--task", "wmt14ende", "--llm", "scripted:x", "--distill", 9), "cannot be drawn anew"),
        (("mine", "--distill", 9), "--distill: expected --llm NAME, whose labels it learns"),
        (("mine", "--llm", "analyst", "--distill", 3), "--distill: expected 8 networks or more, got 3"),
        ((), "expected a run or --task NAME, one of them"),
        (("mine", "--task", "wmt14ende"), "expected a run or --task NAME, one of them"),
        (("--task", "wmt"), "unknown task 'wmt'"),
        (("--task", "wmt14ende", "--disguise"), "leave it out with --task"),
        (("--task", "wmt14ende", "--tests", 1), "--tests: expected 2 or more, got 1"),
        (("--task", "wmt14ende", "--examples", 29), "ask for fewer examples"),
        (("--task", "wmt14ende", "--temperature", 0.2), "--temperature is for a model; name one with --llm NAME"),
        (("--task", "wmt14ende", "--llm", "a/b,c/d"), "predict asks one model, without fallbacks"),
        (("absent",), "no run 'absent'"),
    ],
)
def test_a_mistake_gets_one_message(
    arguments: tuple[object, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = command("predict", *arguments, capsys=capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert not Path("predictions").exists()


def test_a_file_that_holds_something_else_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("predictions/wmt14ende-scripted:answers.json-10-examples-s0")
    folder.mkdir(parents=True)
    (folder / "calls.sqlite").write_text("something else, and long enough to be read as a page of a database" * 40)
    Path("answers.json").write_text(json.dumps({"predictor": [{"score": 90}]}))
    code, _, err = command("predict", "--task", "wmt14ende", "--llm", "scripted:answers.json", capsys=capsys)
    assert (code, "expected recorded calls of models, found another file" in err) == (2, True)
