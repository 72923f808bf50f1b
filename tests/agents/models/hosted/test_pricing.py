from __future__ import annotations

import pytest

from agents.models.hosted.litellm_client import litellm
from agents.models.hosted.pricing import count_tokens, price
from agents.models.settings import ModelSettings, Price

GPT = "openai/gpt-4o-mini"


def test_a_price_is_the_lists_or_the_users_own() -> None:
    own = Price(1.0, 2.0)
    assert price(GPT, ModelSettings(name=GPT)) == Price(0.15e-6, 0.6e-6)
    assert price(GPT, ModelSettings(name=GPT, price=own)) == own
    assert price(GPT, ModelSettings(name="analyst", fallbacks=(ModelSettings(name=GPT, price=own),))) == own
    assert price("ollama_chat/qwen3", ModelSettings(name="ollama_chat/qwen3", price=Price(0, 0))) == Price(0, 0)


@pytest.mark.parametrize("name", ["openai/pocket", "hosted_vllm/pocket", "ollama/llama3", "mistral/mistral-none", ""])
def test_what_the_list_does_not_know_or_has_at_zero_is_unknown(name: str) -> None:
    assert price(name, ModelSettings(name="analyst")) is None


@pytest.mark.parametrize("name", [GPT, "groq/llama-3.3-70b-versatile", "analyst"])
def test_tokens_are_counted_without_a_network(name: str) -> None:
    assert 8 <= count_tokens(name, [{"role": "user", "content": "Name one prime number, please."}]) <= 20


def test_where_the_counter_fails_a_rule_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm(), "token_counter", None)
    assert count_tokens(GPT, [{"role": "user", "content": "x" * 300}]) == 105
