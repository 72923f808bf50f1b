from __future__ import annotations

import json

import pytest

from agents.models.analyst.analyst import AnalystChatModel
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from agents.roles.ranker import Ranker, read_ranking
from common.errors import UserError
from tests.agents import chat_server as server
from tests.agents.toy import SPACE, caller, genotype, scripted, sent

SHOWN = {"A": genotype(32, 3, 3), "B": genotype(48, 7, 7), "C": genotype(48, 3, 5)}
GOOD = '{"ranking": ["B", "C", "A"]}'


def test_a_ranking_takes_one_call_that_shows_labels_and_genes() -> None:
    asked = scripted("ranker", GOOD)
    ranking = Ranker(asked, SPACE, "on numbers").rank(1, SHOWN)
    assert (ranking.labels, ranking.problems) == (("B", "C", "A"), ())
    ((system, request),) = sent(asked)
    assert SPACE in system["content"]
    assert "expect of them on numbers." in system["content"]
    assert [line for line in request["content"].splitlines() if line.startswith("- ")] == [
        "- round: 1", *(f"- {label}: {json.dumps(genes)}" for label, genes in SHOWN.items())
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"ranking": ["B", "C"]}', "missing: A"),
        ('{"ranking": ["B", "C", "B", "A"]}', "repeated: B"),
        ('{"ranking": ["B", "C", "A", "Z"]}', "unknown: Z"),
        ('{"ranking": ["b", "C", "C"]}', "missing: A, B; repeated: C; unknown: b"),
        ('{"ranking": ["B", "C", 3]}', 'ranking: expected a list of labels, got ["B", "C", 3]'),
        ('{"ranking": "BCA"}', 'ranking: expected a list of labels, got "BCA"'),
        ('{"ranking": ["B", "C", "A"', "not JSON: expected , or ], got the end of the text"),
        ("B is best.", 'no JSON object of the form {"ranking": [...]} found'),
    ],
)
def test_a_broken_answer_is_refused_and_asked_again_once(answer: str, problem: str) -> None:
    assert read_ranking(answer, "ABC") == ((), problem)
    asked = scripted("ranker", [answer, GOOD])
    ranking = Ranker(asked, SPACE, "").rank(1, SHOWN)
    assert (ranking.labels, ranking.problems) == (("B", "C", "A"), (problem,))
    assert f"could not be used: {problem}." in sent(asked)[1][-1]["content"]
    hopeless = Ranker(scripted("ranker", answer), SPACE, "").rank(1, SHOWN)
    assert (hopeless.labels, hopeless.problems) == ((), (problem, problem))


def test_the_last_ranking_outside_of_thoughts_counts() -> None:
    draft = '<think>{"ranking": ["A", "B", "C"]}</think>'
    human_remarks = f'{draft}First {{"ranking": ["C", "B", "A"]}}; no:\n```json\n{GOOD}\n```'
    assert read_ranking(human_remarks, "ABC") == (("B", "C", "A"), "")


def test_the_analyst_says_that_it_would_have_to_guess() -> None:
    with pytest.raises(UserError, match=r"cannot rank architectures without scores.*--llm NAME"):
        Ranker(caller(AnalystChatModel(), "ranker"), SPACE, "").rank(1, SHOWN)


def test_a_hosted_model_is_held_to_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")
    with server.serving(server.says('{"ranking": ["B"]}'), server.fails(503), server.says(GOOD)) as chat:
        monkeypatch.setenv("OPENAI_API_BASE", chat.url)
        asked = caller(chat_model(ModelSettings(name="openai/gpt-4o-mini"), seed=0), "ranker", deadline=30.0)
        ranking = Ranker(asked, SPACE, "").rank(1, SHOWN)
    assert (ranking.labels, ranking.problems) == (("B", "C", "A"), ("missing: A, C",))
    schema = chat.requests[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["ranking"]["items"]["enum"] == ["A", "B", "C"]
