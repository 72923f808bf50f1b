from __future__ import annotations

import pytest

from agents.calls.probe import known, probe
from agents.model_errors import ModelError
from agents.models.hosted.capability import capability
from agents.models.settings import ModelSettings, Price
from common.errors import UserError
from tests.agents import chat_server as server
from tests.agents.chat_server import Behaviour, serving


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert known(capability(ModelSettings(name="openai/pocket"))) == (
        "JSON schema unknown; tool calls unknown; context unknown; price unknown"
    )
    assert known(capability(ModelSettings(name="openai/gpt-4o-mini"))) == (
        "JSON schema yes; tool calls yes; context 128,000 tokens; "
        "US dollars per million tokens: 0.15 of prompt, 0.6 of completion"
    )


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [
        (server.says('{"prime": 7}'), "keeps the schema (asked by JSON schema)"),
        (server.says('Sure: {"prime": 7}'), 'does not keep the schema: Sure: {"prime": 7} (asked by JSON schema)'),
        (server.says('{"prime": 9}'), 'does not keep the schema: {"prime": 9} (asked by JSON schema)'),
    ],
)
def test_a_probe_shows_what_one_call_showed(behaviour: Behaviour, answer: str) -> None:
    with serving(behaviour) as chat:
        found = dict(probe(ModelSettings(name="openai/pocket", api_base=chat.url)))
    assert found["latency"].endswith(" s")
    assert found["answer"] == answer
    assert found["tokens"] == "11 of prompt, 7 of completion"
    assert found["price"] == "unknown"


def test_a_probe_tells_the_price_of_the_call() -> None:
    with serving(server.says('{"prime": 7}')) as chat:
        found = dict(probe(ModelSettings(name="openai/pocket", api_base=chat.url, price=Price.per_million(1, 10))))
    assert found["price"] == "0.000081 US dollars"


@pytest.mark.parametrize("name", ["analyst", "local"])
def test_what_answers_searches_alone_is_not_asked(name: str) -> None:
    with pytest.raises(UserError, match=f"expected a litellm model, got {name}"):
        probe(ModelSettings(name=name))


def test_a_probe_asks_as_a_run_does() -> None:
    odd = server.streams(server.chunk([{"type": "text", "text": '{"prime": 7}'}]), server.DONE)
    with serving(server.fails(500), odd) as chat:
        found = dict(probe(ModelSettings(name="openai/pocket", api_base=chat.url)))
    assert found["answer"].startswith("keeps the schema")
    assert found["tokens"].endswith("(estimated)")
    assert [request["stream"] for request in chat.requests] == [True, True]


def test_a_probe_that_fails_does_not_mention_a_run() -> None:
    with serving(server.fails(401)) as chat, pytest.raises(ModelError) as caught:
        probe(ModelSettings(name="openai/pocket", api_base=chat.url))
    assert str(caught.value).endswith("may use this model.")


def test_a_probe_shows_what_is_wrong_with_the_server() -> None:
    with serving(server.sends(server.message("", reasoning_content='{"prime": 7}'))) as chat:
        found = dict(probe(ModelSettings(name="openai/pocket", api_base=chat.url)))
    assert "reasoning parser" in found["note"]
