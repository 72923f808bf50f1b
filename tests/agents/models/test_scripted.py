from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.models.scripted import ScriptedChatModel
from common.errors import UserError


def play(model: ScriptedChatModel, role: str, request: str) -> str:
    return str(model.invoke([("system", f"- role: {role}\n"), ("user", request)]).text)


@pytest.fixture
def model(tmp_path: Path) -> ScriptedChatModel:
    path = tmp_path / "script.json"
    script = {"navigator": ["one", ["two", "two again"]], "generator": [{"architectures": [{"r": 208}]}]}
    path.write_text(json.dumps(script), encoding="utf-8")
    return ScriptedChatModel.from_file(path)


@pytest.mark.parametrize(
    ("request_text", "answer"),
    [
        ("- round: 1", "one"),
        ("- round: 2", "two"),
        ("- round: 2\n- attempt: 2", "two again"),
        ("- round: 2\n- attempt: 9", "two again"),
        ("- round: 7", "two"),
        ("- round: 1\n```\n- round: 2\n```", "one"),
    ],
)
def test_the_prompt_decides_which_answer_comes(model: ScriptedChatModel, request_text: str, answer: str) -> None:
    assert play(model, "navigator", request_text) == answer


def test_an_object_is_sent_as_text(model: ScriptedChatModel) -> None:
    assert json.loads(play(model, "generator", "- round: 3")) == {"architectures": [{"r": 208}]}


def test_a_role_without_answers_is_named(model: ScriptedChatModel) -> None:
    with pytest.raises(UserError, match="expected answers for critic, got those for navigator, generator"):
        play(model, "critic", "- round: 1")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"navigator": []}', '{"navigator": "one"}', "\ud800"])
def test_a_bad_file_is_refused_with_the_form_that_is_expected(tmp_path: Path, content: str) -> None:
    path = tmp_path / "script.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(UserError, match="navigator"):
        ScriptedChatModel.from_file(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read the scripted answers in .*none\.json"):
        ScriptedChatModel.from_file(tmp_path / "none.json")
