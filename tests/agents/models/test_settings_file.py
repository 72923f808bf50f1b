from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.settings import ModelSettings, Price
from agents.models.settings_file import read_models
from common.errors import UserError


def read(tmp_path: Path, text: str) -> dict[str, ModelSettings]:
    path = tmp_path / "models.yaml"
    path.write_text(text, encoding="utf-8")
    return read_models(path)


def test_a_file_says_all_that_an_option_can_and_more(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
models:
  navigator:
    name: openai/gpt-5-mini
    temperature: 0.3
    reasoning_effort: low
    deadline: 300
    price: {prompt: 0.25, completion: 2}
    fallbacks: [anthropic/claude-sonnet-4-5, {name: ollama_chat/qwen3, api_base: "http://127.0.0.1:11434"}]
  generator: analyst
""",
    )
    spares = (
        ModelSettings(name="anthropic/claude-sonnet-4-5"),
        ModelSettings(name="ollama_chat/qwen3", api_base="http://127.0.0.1:11434"),
    )
    asked = ModelSettings(
        name="openai/gpt-5-mini",
        api_base=None,
        temperature=0.3,
        reasoning_effort="low",
        deadline=300,
        price=Price(0.25e-6, 2e-6),
        fallbacks=spares,
    )
    assert found == {"navigator": asked, "generator": ModelSettings(name="analyst")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected models, each with a value; got NoneType"),
        ("models: {", "cannot read the configuration"),
        ("model: {}", "unknown key model; expected models"),
        ("models: {judge: analyst}", "unknown key judge; expected navigator, generator"),
        ("models: {navigator: {nam: x}}", "models.navigator: unknown key nam; expected name, api_base, temperature"),
        ("models: {navigator: {temperature: 1}}", "models.navigator: expected a name"),
        ("models: {navigator: {name: 5}}", "name: expected text, got 5"),
        ("models: {navigator: {name: x, temperature: warm}}", "models.navigator: temperature: expected 0 or more"),
        ("models: {navigator: {name: x, price: 3}}", "price: expected prompt, completion"),
        ("models: {navigator: {name: x, price: {prompt: 3}}}", "in US dollars per million tokens"),
        ("models: {navigator: {name: x, fallbacks: y}}", "expected a list of models"),
        ("models: {navigator: {name: x, fallbacks: [{name: y, fallbacks: [z]}]}}", "unknown key fallbacks"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)


def test_a_key_in_it_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="set OPENAI_API_KEY in the environment") as caught:
        read(tmp_path, "models: {navigator: {name: openai/x, api_key: correct-horse}}")
    assert "horse" not in str(caught.value)
