from __future__ import annotations

import pytest
import yaml

from agents.models.settings import ModelSettings, Price
from agents.models.settings_file import parse_models
from common.errors import UserError


def parse(text: str) -> dict[str, ModelSettings]:
    return parse_models(yaml.safe_load(text), "models")


def test_a_section_takes_all_that_options_do_and_more() -> None:
    found = parse(
        """
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
    ("text", "message"),
    [
        ("", "models: expected navigator, generator, each with a value; got NoneType"),
        ("{judge: analyst}", "unknown key judge; expected navigator, generator"),
        ("{navigator: {nam: x}}", "models.navigator: unknown key nam; expected name, api_base, temperature"),
        ("{navigator: {temperature: 1}}", "models.navigator: expected a name"),
        ("{navigator: {name: 5}}", "name: expected text, got 5"),
        ("{navigator: {name: x, temperature: warm}}", "models.navigator: temperature: expected 0 or more"),
        ("{navigator: {name: x, price: 3}}", "price: expected prompt, completion"),
        ("{navigator: {name: x, price: {prompt: 3}}}", "in US dollars per million tokens"),
        ("{navigator: {name: x, fallbacks: y}}", "expected a list of models"),
        ("{navigator: {name: x, fallbacks: 0}}", "expected a list of models, got int"),
        ("{navigator: {name: x, price: 0}}", "models.navigator.price: expected prompt, completion"),
        ("{navigator: {name: null}}", "models.navigator: expected a name"),
        ("{navigator: {name: x, fallbacks: [{name: y, fallbacks: [z]}]}}", "unknown key fallbacks"),
    ],
)
def test_a_mistake_in_it_is_reported_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_a_key_in_it_is_refused_and_not_repeated() -> None:
    with pytest.raises(UserError, match="set OPENAI_API_KEY in the environment") as caught:
        parse("{navigator: {name: openai/x, api_key: correct-horse}}")
    assert "horse" not in str(caught.value)
