"""The Performance Predictor takes one number within the range, and asks again a bounded number of times."""

from __future__ import annotations

import pytest

from agents.models.analyst.analyst import AnalystChatModel
from agents.roles.performance_predictor import ANSWERS, Domain, PerformancePredictor, read_score
from common.errors import UserError
from tests.agents.toy import caller, scripted, sent

DOMAIN = Domain(
    what="translation", metric="BLEU", unit="BLEU", cost="GFLOPs", backbone="They are Transformers.",
    definitions="- layers: 1 to 6",
)  # fmt: skip


def test_a_prompt_has_the_four_parts() -> None:
    asked = scripted("predictor", '{"score": 25.4}')
    found = PerformancePredictor(asked, DOMAIN).predict(
        1, ["layers: 2\nBLEU: 24.00", "layers: 3\nBLEU: 25.00"], "layers: 4"
    )
    assert (found.score, found.problems) == (25.4, ())
    ((system, request),) = sent(asked)
    for part in ("at translation", "predict its BLEU", "They are Transformers.", "GFLOPs", "- layers: 1 to 6"):
        assert part in system["content"], part
    told = request["content"]
    assert told.index("BLEU: 24.00") < told.index("BLEU: 25.00") < told.index("layers: 4")
    assert "$" not in system["content"] + told


def test_without_examples_it_says_so() -> None:
    asked = scripted("predictor", "30")
    assert PerformancePredictor(asked, DOMAIN).predict(1, [], "layers: 4").score == 30.0
    assert "No network is shown with its BLEU." in sent(asked)[0][-1]["content"]


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("25.43", 25.43),
        (" 25 ", 25.0),
        ('{"score": 25.43}', 25.43),
        ('```json\n{"score": 25.43}\n```', 25.43),
        ('<think>{"score": 1}</think>{"score": "2.5e1"}', 25.0),
        ('First {"score": 3}, no: {"score": 4}', 4.0),
    ],
)
def test_a_number_is_read(answer: str, score: float) -> None:
    assert read_score(answer, 0, 100) == (score, "")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("about 25", 'expected {"score": NUMBER}, got "about 25"'),
        ("25 to 26", 'got "25 to 26"'),
        ("", 'got ""'),
        ('{"score": null}', 'expected {"score": NUMBER}'),
        ("nan", 'expected {"score": NUMBER}'),
        ("1e999", "expected a number between 0 and 100, got 1e999"),
        ("-3", "expected a number between 0 and 100, got -3"),
        ("254", "expected a number between 0 and 100, got 254"),
    ],
)
def test_anything_else_is_refused(answer: str, problem: str) -> None:
    score, found = read_score(answer, 0, 100)
    assert score is None
    assert problem in found


def test_a_broken_answer_is_asked_again_and_in_the_end_there_is_none() -> None:
    asked = scripted("predictor", ["no idea", "25"])
    found = PerformancePredictor(asked, DOMAIN).predict(1, [], "layers: 4")
    assert (found.score, len(found.problems)) == (25.0, 1)
    again = sent(asked)[1][-1]["content"]
    assert "one number between 0 and 100" in again
    hopeless = scripted("predictor", "no idea")
    found = PerformancePredictor(hopeless, DOMAIN).predict(1, [], "layers: 4")
    assert (found.score, len(found.problems), len(sent(hopeless))) == (None, ANSWERS, ANSWERS)


def test_the_analyst_says_that_it_cannot() -> None:
    with pytest.raises(UserError, match="the analyst cannot predict scores from a few examples"):
        PerformancePredictor(caller(AnalystChatModel(), "predictor"), DOMAIN).predict(1, [], "layers: 4")
