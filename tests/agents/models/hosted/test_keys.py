from __future__ import annotations

import pytest

from agents.models.hosted.keys import check_keys, key_problem
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from common.errors import UserError

KEY = "sk-test-51f0c0ffee51f0c0ffee"
BAD = ["", "  ", f"“{KEY}”", f'"{KEY}"', f"'{KEY}", f"{KEY}\n", f"{KEY[:9]} {KEY[9:]}", f"{KEY}\u200b", f"{KEY}é"]


@pytest.mark.parametrize("value", BAD)
def test_a_key_that_cannot_be_right_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(UserError, match="OPENAI_API_KEY: expected a key as the provider issued it, got ") as caught:
        chat_model(ModelSettings(name="openai/pocket"), seed=1)
    assert KEY[8:14] not in str(caught.value)


@pytest.mark.parametrize("value", [KEY, "x", "EMPTY", "AIza+/=._-~", "hf_abc"])
def test_other_keys_pass(value: str) -> None:
    assert key_problem(value) == ""


def test_keys_of_other_providers_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "")
    check_keys("openai")
    with pytest.raises(UserError, match="GROQ_API_KEY"):
        check_keys("groq")
