"""Answers of the real litellm that come in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
Ask = Callable[..., tuple[Reply, list[str], ChatServer]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")

    def run(
        *behaviours: Behaviour, deadline: float = 30.0, schema: dict[str, Any] | None = None
    ) -> tuple[Reply, list[str], ChatServer]:
        with serving(*behaviours) as chat:
            model = chat_model(ModelSettings(name="openai/pocket", api_base=chat.url), seed=7)
            pieces: list[str] = []
            return caller(model, deadline=deadline).ask(ASK, 1, 1, schema, on_text=pieces.append), pieces, chat

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
    reply = ask(server.streams(server.chunk("hello you"), server.chunk("", "stop"), server.DONE))[0]
    assert reply.completion_tokens in (2, 3)
    assert reply.estimated


def test_an_answer_in_one_piece_is_used_although_a_stream_was_requested(ask: Ask) -> None:
    reply, pieces, chat = ask(server.sends(server.completion("whole")))
    assert (reply.text, pieces) == ("whole", ["whole"])
    assert (reply.prompt_tokens, reply.completion_tokens, reply.estimated) == (11, 7, False)
    assert len(chat.requests) == 1


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_to_stream_is_a_fault_like_any_other(ask: Ask, status: int) -> None:
    with pytest.raises(ModelError, match="sorry"):
        ask(server.fails(status, message="sorry"))


def test_after_a_stream_that_breaks_off_the_answer_is_requested_in_one_piece(ask: Ask) -> None:
    reply, pieces, chat = ask(server.streams(server.chunk("hel")), server.says("hello"))
    assert (reply.text, "".join(pieces)) == ("hello", "hel")
    assert ["stream" in request for request in chat.requests] == [True, False]


@pytest.mark.parametrize(
    "event", [b'data: {"error": {"message": "overloaded"}}\n\n', b"data: {nope\n\n", b'data: {"choices": "\xff"}\n\n']
)
def test_an_error_in_the_stream_is_told(ask: Ask, event: bytes) -> None:
    with pytest.raises(ModelError, match=r"\([23] tries\)"):
        ask(server.streams(server.chunk("hel"), event))


def test_a_stream_without_end_is_cut_at_the_longest_answer(ask: Ask) -> None:
    long = server.chunk("x" * 50_000)
    assert len(ask(server.streams(*[long] * 9, server.chunk("", "stop")))[0].text) == MAX_ANSWER_CHARS


def test_the_arguments_of_a_tool_call_are_pieces_too(ask: Ask) -> None:
    reply, pieces, _ = ask(server.calls_tool('{"a": 1}'))
    assert "".join(pieces) == reply.text == '{"a": 1}'


BLANKS = [server.chunk("    ")] * 300


@pytest.mark.parametrize("end", [[server.chunk("", "length")], [server.DONE], []], ids=["length", "done", "cut"])
def test_a_complete_answer_followed_by_blanks_is_used(ask: Ask, end: list[bytes]) -> None:
    reply, _, chat = ask(server.streams(server.chunk('{"a": 1}'), *BLANKS, *end), schema=SCHEMA)
    assert (reply.text, len(chat.requests)) == ('{"a": 1}', 1)
    assert reply.estimated


def test_an_incomplete_answer_that_ends_in_blanks_is_requested_once_more_in_one_piece(ask: Ask) -> None:
    bad = server.streams(server.chunk('{"a": '), *BLANKS, server.chunk("", "length"))
    reply, _, chat = ask(bad, server.says('{"a": 1}'), schema=SCHEMA)
    assert reply.text == '{"a": 1}'
    assert ["stream" in request for request in chat.requests] == [True, False]


def test_repetition_is_named_and_not_billed_thrice(ask: Ask) -> None:
    bad = server.streams(server.chunk('{"a": '), *[server.chunk("again ")] * 300)
    whole = server.sends(server.message(" " * 20_000, finish="length"))
    with pytest.raises(
        ModelError, match=r"the answer reached its length limit before it began: it is blank \(2 tries\)"
    ):
        ask(bad, whole, schema=SCHEMA)
    reply, _, chat = ask(bad)
    assert (len(reply.text), len(chat.requests)) == (len('{"a": ') + 201 * len("again ") - 1, 1)


@pytest.mark.parametrize("end", [[server.DONE], [server.counts(), server.DONE], [server.counts()]])
def test_a_stream_without_a_finish_reason_is_complete_if_its_end_is_marked(ask: Ask, end: list[bytes]) -> None:
    reply, _, chat = ask(server.streams(server.chunk("hello "), server.chunk("you"), *end))
    assert (reply.text, len(chat.requests)) == ("hello you", 1)


def test_reasoning_without_end_is_billed_and_so_tried_only_twice(ask: Ask) -> None:
    with pytest.raises(ModelError, match=r"no complete answer within 0.5 s \(2 tries\)"):
        ask(server.thinks, deadline=0.5)


@pytest.mark.parametrize("broken", [b"data: {nope\n\n", b'data: {"choices": "\xff"}\n\n'])
def test_after_a_stream_that_cannot_be_read_the_answer_is_requested_in_one_piece(ask: Ask, broken: bytes) -> None:
    reply, _, chat = ask(server.streams(server.chunk("hel"), broken), server.says("hello"))
    assert reply.text == "hello"
    assert ["stream" in request for request in chat.requests] == [True, False]
