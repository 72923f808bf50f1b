"""Requests of the real litellm, with proxies and servers on loopback."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from agents.calls.transcript import Reply
from agents.model_errors import ModelError
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from tests.agents import chat_server as server
from tests.agents.chat_server import serving
from tests.agents.toy import caller

ASK = [{"role": "user", "content": "hello"}]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    for provider in ("OPENAI", "OPENROUTER", "DEEPSEEK"):
        monkeypatch.setenv(f"{provider}_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")


def ask(url: str, name: str = "openai/pocket", **changes: Any) -> Reply:
    model = chat_model(ModelSettings(name=name, api_base=url), seed=1)
    return caller(model, **{"deadline": 30.0, "retries": 0, **changes}).ask(ASK, 1, 1, on_text=lambda text: None)


@pytest.mark.parametrize(
    "no_proxy", ["", "localhost,127.0.0.0/8,::1/128", "::1/128", "fd00::/8", "[::1]:80/1", "http://", "\u201clocalhost"]
)
@pytest.mark.parametrize("name", ["openai/pocket", "hosted_vllm/pocket", "deepseek/pocket"])
def test_a_server_on_this_machine_is_reached_whatever_the_proxies(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, name: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with serving(server.says("hello")) as chat:
        assert ask(chat.url, name).text == "hello"


def test_a_host_elsewhere_is_reached_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.says("hello")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        assert ask("http://models.invalid/v1").text == "hello"
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    ("variable", "value", "scheme"),
    [
        ("HTTP_PROXY", "http://127.0.0.1:9", "http"),
        ("https_proxy", "127.0.0.1:9", "https"),
        ("ALL_PROXY", "ftp://127.0.0.1:9", "http"),
        ("HTTP_PROXY", "http://127.0.0.1:nine", "http"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, scheme: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ModelError) as caught:
        ask(f"{scheme}://models.invalid/v1")
    assert "no connection to models.invalid through the proxy" in str(caught.value)
    assert f"correct {variable}, or add models.invalid to NO_PROXY" in str(caught.value)


def test_the_password_of_a_proxy_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:hunter2hunter2@127.0.0.1:9")
    with pytest.raises(ModelError) as caught:
        ask("http://models.invalid/v1")
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_asks_for_a_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.fails(407)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        with pytest.raises(ModelError, match="the proxy needs a user and a password"):
            ask("http://models.invalid/v1")


def test_the_systems_reason_for_a_refused_connection_is_shown() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelError, match=r"Connection error: .*refused.*check that the server runs"):
        ask(f"http://127.0.0.1:{port}/v1")


@pytest.mark.parametrize("name", ["openai/pocket", "hosted_vllm/pocket", "lm_studio/pocket", "openrouter/a/pocket"])
def test_responses_are_repaired_for_every_client_of_litellm(name: str) -> None:
    parts = [{"type": "text", "text": "hello"}]
    usage = {"prompt_tokens": "eleven", "completion_tokens": 2.5}
    with serving(server.streams(server.chunk(parts), server.counts(**usage), server.DONE)) as chat:
        reply = ask(chat.url, name)
    assert (reply.text, reply.completion_tokens, reply.estimated) == ("hello", 3, True)
    assert reply.prompt_tokens > 0
