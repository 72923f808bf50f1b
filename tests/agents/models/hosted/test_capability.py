from __future__ import annotations

import pytest

from agents.models.hosted.capability import AnswerForm, Capability, capability
from agents.models.settings import ModelSettings
from common.errors import UserError

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("openai/gpt-5-mini", [AnswerForm.SCHEMA, AnswerForm.TOOL, AnswerForm.PLAIN]),
        ("openai/gpt-4", [AnswerForm.TOOL, AnswerForm.PLAIN]),
        ("openai/pocket", [AnswerForm.SCHEMA, AnswerForm.PLAIN]),
        ("hosted_vllm/pocket", [AnswerForm.SCHEMA, AnswerForm.PLAIN]),
    ],
)
def test_forms_are_those_that_litellm_knows_of_or_does_not_know(name: str, forms: list[AnswerForm]) -> None:
    assert list(capability(ModelSettings(name=name)).forms) == forms


def test_what_litellm_lists_is_known_and_the_rest_is_none() -> None:
    listed = capability(ModelSettings(name="openai/gpt-4o-mini"))
    assert (listed.json_schema, listed.tools, listed.context) == (True, True, 128_000)
    assert listed.price is not None
    assert capability(ModelSettings(name="openai/pocket")) == Capability(
        json_schema=None, tools=None, context=None, price=None
    )


def test_a_provider_that_litellm_does_not_know_is_an_error() -> None:
    with pytest.raises(UserError, match="unknown model 'nobody/pocket'"):
        capability(ModelSettings(name="nobody/pocket"))


def test_each_form_asks_for_the_schema_in_its_own_arguments() -> None:
    assert AnswerForm.SCHEMA.arguments(SCHEMA)["response_format"]["json_schema"]["schema"] == SCHEMA
    tool = AnswerForm.TOOL.arguments(SCHEMA)
    assert tool["tools"][0]["function"]["parameters"] == SCHEMA
    assert tool["tool_choice"]["function"]["name"] == tool["tools"][0]["function"]["name"]
    assert AnswerForm.PLAIN.arguments(SCHEMA) == {}
