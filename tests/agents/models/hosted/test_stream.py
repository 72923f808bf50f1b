"""Answers of the real litellm that come in pieces."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.calls.transcript import Reply
from agents.model_errors import ModelError
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings
from agents.text.sanitize import MAX_ANSWER_CHARS
from tests.agents import chat_server as server
from tests.agents.chat_server import Behaviour, ChatServer, serving
from tests.agents.toy import caller

ASK = [{"role": "user", "content": "hello"}]
Ask = Callable[..., tuple[Reply, list[str], ChatServer]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")

    def run(*behaviours: Behaviour, deadline: float = 30.0) -> tuple[Reply, list[str], ChatServer]:
        with serving(*behaviours) as chat:
            model = chat_model(ModelSettings(name="openai/pocket", api_base=chat.url), seed=7)
            pieces: list[str] = []
            return caller(model, deadline=deadline).ask(ASK, 1, 1, on_text=pieces.append), pieces, chat

    return run


def test_pieces_come_first_and_the_whole_with_its_tokens_last(ask: Ask) -> None:
    usage = b'data: {"id":"1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}\n\n'
    reply, pieces, chat = ask(
        server.streams(server.chunk("hello "), server.chunk("you"), server.chunk("", "stop"), usage)
    )
    assert "".join(pieces) == reply.text == "hello you"
    assert (reply.prompt_tokens, reply.completion_tokens) == (11, 7)
    assert chat.requests[0]["stream_options"] == {"include_usage": True}


def test_a_server_that_counts_nothing_is_counted_for(ask: Ask) -> None:
    assert ask(server.says("hello you"))[0].completion_tokens in (2, 3)


def test_a_server_that_sends_no_stream_is_asked_for_none_again(ask: Ask) -> None:
    reply, pieces, chat = ask(server.sends(server.completion("whole")))
    assert (reply.text, pieces) == ("whole", [])
    assert ["stream" in request for request in chat.requests] == [True, False]


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_to_stream_is_a_fault_like_any_other(ask: Ask, status: int) -> None:
    with pytest.raises(ModelError, match="sorry"):
        ask(server.fails(status, message="sorry"))


def test_a_stream_that_breaks_off_is_tried_again(ask: Ask) -> None:
    reply, pieces, _ = ask(server.streams(server.chunk("hel")), server.says("hello"))
    assert (reply.text, "".join(pieces)) == ("hello", "helhello")


@pytest.mark.parametrize(
    "event", [b'data: {"error": {"message": "overloaded"}}\n\n', b"data: {nope\n\n", b'data: {"choices": "\xff"}\n\n']
)
def test_an_error_in_the_stream_is_told(ask: Ask, event: bytes) -> None:
    with pytest.raises(ModelError, match=r"\(3 tries\)"):
        ask(server.streams(server.chunk("hel"), event))


def test_a_stream_without_end_is_cut_at_the_longest_answer(ask: Ask) -> None:
    long = server.chunk("x" * 50_000)
    assert len(ask(server.streams(*[long] * 9, server.chunk("", "stop")))[0].text) == MAX_ANSWER_CHARS


def test_the_arguments_of_a_tool_call_are_pieces_too(ask: Ask) -> None:
    reply, pieces, _ = ask(server.calls_tool('{"a": 1}'))
    assert "".join(pieces) == reply.text == '{"a": 1}'
