from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.hosted.response_repair import body_as_stream, repair_body, repair_stream
from tests.agents import chat_server as server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def repaired(content: Any, usage: Any = None, **fields: Any) -> Any:
    return json.loads(repair_body(server.message(content, usage, **fields)))


def events(data: bytes) -> list[Any]:
    """The decoded events of a stream, `[DONE]` included."""
    lines = [line.removeprefix(b"data: ") for line in data.splitlines() if line.startswith(b"data:")]
    return ["[DONE]" if line == b"[DONE]" else json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", None),
        ([{"type": "output_text", "text": "a"}], "a", None),
        (["a", "b"], "ab", None),
        ({"type": "text", "text": "a"}, "a", None),
        ([{"type": "text", "text": {"value": "a", "annotations": []}}], "a", None),
        (
            [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "a"}],
            "a",
            "hm",
        ),
        ([{"type": "reasoning", "text": "hm"}, {"type": "image_url"}, None, 3], "", "hm"),
        ([], "", None),
    ],
)
def test_content_as_parts_becomes_text(content: Any, text: str, reasoning: str | None) -> None:
    message = repaired(content)["choices"][0]["message"]
    assert (message["content"], message.get("reasoning_content")) == (text, reasoning)


def test_reasoning_under_another_name_is_found() -> None:
    assert repaired("", thinking="hm")["choices"][0]["message"]["reasoning_content"] == "hm"


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        *((3, 3), (2.5, 3), ("7", 7), ("2.5", 3), (0, 0), (-1, None), ("many", None), (True, None), ([3], None)),
        *((float("nan"), None), (float("inf"), None), ("-3", None), ("", None)),
    ],
)
def test_numbers_of_tokens_are_whole_and_not_negative_or_left_out(tokens: Any, kept: int | None) -> None:
    usage = {"prompt_tokens": tokens, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": tokens}}
    found = repaired("a", usage)["usage"]
    assert found.get("prompt_tokens") == kept
    assert found["prompt_tokens_details"].get("cached_tokens") == kept
    assert found["completion_tokens"] == 1


@pytest.mark.parametrize("usage", [["prompt_tokens", 1], "18", 18])
def test_a_usage_that_is_no_object_is_left_out(usage: Any) -> None:
    assert repaired("a", usage)["usage"] is None


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b"\xff", b"[" * 100_000, b'{"choices": 3}'])
def test_bodies_of_other_kinds_pass_unchanged(body: bytes) -> None:
    assert repair_body(body) == body
    assert body_as_stream(body) == body
    assert b"".join(repair_stream([body])) == body


def test_a_valid_body_keeps_its_bytes() -> None:
    body = server.completion("hello").replace(b", ", b" , ")
    assert repair_body(body) == body


@given(JSON, JSON, JSON)
def test_no_response_raises(content: Any, usage: Any, calls: Any) -> None:
    body = server.message(content, usage, tool_calls=calls)
    json.loads(repair_body(body))
    body_as_stream(body)
    b"".join(repair_stream([server.chunk(content, tool_calls=calls), server.counts(usage=usage), server.DONE]))


@given(st.data())
def test_a_stream_is_repaired_however_the_network_cuts_it(data: st.DataObject) -> None:
    whole = server.chunk([{"type": "text", "text": "é"}]) + server.chunk("b") + server.counts() + server.DONE
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    found = events(b"".join(repair_stream(pieces)))
    assert [each["choices"][0]["delta"].get("content") for each in found[:2]] == ["é", "b"]
    assert [each["choices"][0]["finish_reason"] for each in found[:-1] if each["choices"]] == [None, None, "stop"]
    assert found[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("end", "added"),
    [
        ([server.DONE], True),
        ([server.counts()], True),
        ([server.chunk("", "length"), server.DONE], False),
        ([], False),
    ],
)
def test_a_finish_reason_is_added_only_to_a_stream_whose_end_is_marked(end: list[bytes], added: bool) -> None:
    found = events(b"".join(repair_stream([server.chunk("a"), *end])))
    reasons = [each["choices"][0]["finish_reason"] for each in found if each != "[DONE]" and each["choices"]]
    assert ("stop" in reasons) == added


def test_an_empty_stream_gets_no_finish_reason() -> None:
    assert b"".join(repair_stream([server.counts(), server.DONE])) == server.counts() + server.DONE


def test_a_whole_answer_becomes_the_events_of_a_stream() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": {"a": 1}}}
    text, usage, done = events(body_as_stream(server.message("hi", finish="tool_calls", tool_calls=[call])))
    (choice,) = text["choices"]
    assert (choice["delta"]["content"], choice["finish_reason"]) == ("hi", "tool_calls")
    assert choice["delta"]["tool_calls"][0]["function"]["arguments"] == '{"a": 1}'
    assert (usage["usage"], usage["choices"], done) == (server.USAGE, [], "[DONE]")
