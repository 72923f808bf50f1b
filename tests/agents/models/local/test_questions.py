"""The short questions that a small model is asked, and what becomes of its answers."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from agents.models.local.questions import short_question
from agents.text.guidance import missing_headings, parse_guidance
from common.errors import UserError
from tests.agents.models.analyst import ofa


def pairs(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def strategy_of(answer: dict[str, Any], finished: int) -> Any:
    """The strategy that the program makes of a Navigator's answer, after `finished` scored architectures."""
    rounds = [ofa.finished(lambda a: 70 + a["r"] / 100, ofa.samples(finished, 1), "text")] if finished else []
    asked = short_question(pairs(ofa.navigator().messages(rounds)))
    jsonschema.validate(answer, asked.schema)
    return parse_guidance(asked.answer(answer))


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


def test_a_prompt_without_a_gene_table_is_an_error() -> None:
    with pytest.raises(UserError, match=r"genes \| choices \| meaning"):
        short_question([("system", "Hello."), ("user", "- round: 1")])


def test_candidates_are_sampled_at_a_higher_temperature_than_strategies() -> None:
    assert short_question(pairs(ofa.navigator().messages([]))).extra_temperature == 0
    assert short_question(pairs(ofa.generator().messages(1, "text", 2))).extra_temperature > 0


def test_a_prediction_of_a_score_is_refused() -> None:
    with pytest.raises(UserError, match="cannot predict scores"):
        short_question([("system", "- role: predictor\n\nYou estimate."), ("user", "- round: 1")])
