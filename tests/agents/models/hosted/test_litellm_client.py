from __future__ import annotations

import logging
import os

import pytest

from agents.models.hosted.litellm_client import litellm, provider_of
from common.errors import UserError


@pytest.mark.parametrize(
    ("name", "provider"),
    [("openai/gpt-5-mini", "openai"), ("ollama_chat/qwen3:8b", "ollama_chat"), ("hosted_vllm/any", "hosted_vllm")],
)
def test_the_provider_is_found_by_the_name_alone(name: str, provider: str) -> None:
    assert provider_of(name) == provider


@pytest.mark.parametrize("name", ["nonsense", "", "nobody/model"])
def test_an_unknown_name_says_what_is_expected(name: str) -> None:
    with pytest.raises(UserError, match=rf"unknown model '{name}'; expected `analyst`, `local`.*ollama_chat/qwen3"):
        provider_of(name)


def test_it_fetches_nothing_sends_nothing_and_prints_nothing() -> None:
    library = litellm()
    assert library is litellm()
    assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert library.telemetry is False
    assert library.suppress_debug_info is True
    assert not logging.getLogger("LiteLLM").isEnabledFor(logging.ERROR)
