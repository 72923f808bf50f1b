"""The control for language models: valid, random, and the same for the same prompt."""

from __future__ import annotations

import json

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.models.model_registry import chat_model, is_language_model
from agents.models.random_editor import RandomEditsChatModel
from agents.models.settings import ModelSettings
from agents.text.architecture_table import format_rows
from common.errors import UserError
from tests.agents.models.analyst.small_space import COSTS, FORM, SPACE, TABLE, everything, row


def answer(request: str, seed: int = 0) -> list[dict[str, object]]:
    model = RandomEditsChatModel(seed=seed)
    text = model.invoke([SystemMessage(SPACE), HumanMessage(request)]).text
    return list(json.loads(str(text))["architectures"])


def test_it_changes_one_or_two_entries_of_a_row() -> None:
    parent = everything()[40]
    table = format_rows([row(parent, 70.0)], FORM, COSTS)
    sent = answer(f"- round: 2\n- architectures wanted: 6\n\n{table}")
    encoded = [TABLE.encode(genotype) for genotype in sent]
    assert len({x.tobytes() for x in encoded if x is not None}) == 6
    for x in encoded:
        assert x is not None
        assert 1 <= (x != parent).sum() <= 4  # a depth that changes lets others act


def test_without_rows_it_draws_and_the_seed_and_the_prompt_decide() -> None:
    request = "- round: 1\n- architectures wanted: 5"
    assert answer(request) == answer(request) != answer(request, seed=1)
    assert all(TABLE.encode(genotype) is not None for genotype in answer(request))


def test_it_writes_no_strategies() -> None:
    with pytest.raises(UserError, match="only answers requests for architectures"):
        answer("- round: 1")


def test_it_is_a_model_by_name_and_no_language_model() -> None:
    assert isinstance(chat_model(ModelSettings(name="random-edits"), seed=3), RandomEditsChatModel)
    assert not is_language_model("random-edits")
