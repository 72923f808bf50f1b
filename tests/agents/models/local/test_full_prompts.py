"""Which models are sent whole prompts, and the grammars of their answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agents.models.local import full_prompts
from agents.models.local.full_prompts import CONTEXT, full_context, json_grammar, strategy_grammar
from agents.models.settings import ModelSettings
from common.errors import UserError
from tests.agents.models.analyst import ofa
from tests.agents.models.local import test_gguf as heads


def model(tmp_path: Path, context: int, prompts: str | None) -> ModelSettings:
    stated = heads.pair(b"qwen2.context_length", 4, context.to_bytes(4, "little"))
    file = tmp_path / "model.gguf"
    file.write_bytes(heads.gguf(heads.NAME, stated))
    return ModelSettings(name=f"local:{file}", local_prompts=prompts)


@pytest.mark.parametrize(
    ("least_bytes", "context", "prompts", "expected"),
    [
        (10, 32_768, None, CONTEXT),
        (10, 8_192, None, None),
        (10_000, 32_768, None, None),
        (10_000, 32_768, "full", CONTEXT),
        (10, 32_768, "short", None),
    ],
)
def test_size_and_context_decide_unless_the_user_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least_bytes: int, context: int, prompts: str | None, expected: int
) -> None:
    monkeypatch.setattr(full_prompts, "_SMALLEST_BYTES", least_bytes)
    assert full_context(model(tmp_path, context, prompts)) == expected


def test_the_embedded_model_is_asked_short_questions() -> None:
    assert full_context(ModelSettings(name="local")) is None


def test_whole_prompts_need_a_long_context(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected a model with a context of 16,384 tokens or more, .* has 8,192"):
        full_context(model(tmp_path, 8_192, "full"))


def test_the_schema_of_architectures_allows_no_white_space() -> None:
    assert json_grammar({"type": "array"}) == (
        '%llguidance {}\nstart: %json {"type": "array", "x-guidance": {"whitespace_flexible": false}}'
    )


def test_a_strategy_has_its_headings_and_choices_of_the_table() -> None:
    messages = [(message["role"], message["content"]) for message in ofa.navigator().messages([])]
    grammar = strategy_grammar(messages)
    assert grammar is not None
    assert re.findall(r"## ([\w ]+)", grammar) == ["Summary", "Key patterns", "Directions"]
    # A fence counts only on a line of its own.
    assert 'block: "\\n```json\\n" %json' in grammar
    schema = json.loads(grammar.split("%json ")[1].rsplit(' "', 1)[0])
    prefer, example = schema["properties"]["prefer"], schema["properties"]["examples"]["items"]
    assert list(prefer["properties"]["ks[2]"]["properties"]) == ["3", "5", "7"]
    assert prefer["required"] == []
    assert example["properties"]["r"] == {"enum": [160, 176, 192, 208, 224]}
    assert len(example["properties"]["ks"]["prefixItems"]) == 20


def test_a_prompt_without_genes_has_no_grammar() -> None:
    assert strategy_grammar([("system", "no table"), ("user", "hello")]) is None
