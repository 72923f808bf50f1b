from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from agents.models.settings import ModelSettings, Price
from common.errors import UserError


def test_settings_survive_json() -> None:
    spare = ModelSettings(name="ollama_chat/qwen3", api_base="http://127.0.0.1:11434")
    asked = ModelSettings(
        name="openai/gpt-5-mini",
        api_base=None,
        temperature=0.2,
        reasoning_effort="low",
        deadline=60.0,
        price=Price.per_million(0.25, 2),
        fallbacks=(spare,),
    )
    assert ModelSettings.from_json(json.loads(json.dumps(asdict(asked)))) == asked
    assert ModelSettings.from_json("analyst") == ModelSettings(name="analyst")
    assert asked.fallback_chain == (asked, spare)


def test_a_price_is_per_token() -> None:
    assert Price.per_million(0.25, 2).cost_usd(1_000_000, 500_000) == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"temperature": -1}, "temperature: expected 0 or more, got -1"),
        ({"temperature": "hot"}, "temperature: expected 0 or more, got hot"),
        ({"deadline": 0}, "deadline: expected more than 0 seconds"),
        ({"reasoning_effort": "huge"}, "expected one of none, minimal, low, medium, high, got 'huge'"),
        ({"api_base": "127.0.0.1:8000"}, "api base: expected http"),
        ({"api_base": "http://[host/v1"}, "api base: expected http"),
        ({"api_base": "https://me:correct-horse@host/v1"}, "expected no user, password or key"),
        ({"api_base": "https://host/v1?api-key=correct-horse"}, "expected no user, password or key"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as caught:
        ModelSettings(name="openai/x", **changes)
    assert told in str(caught.value)
    assert "horse" not in str(caught.value)


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(UserError, match="price of a completion token"):
        Price(0, -1)
