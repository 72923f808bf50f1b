"""What is read from a response of litellm; `test_litellm_model.py` has the same through a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.model_errors import CallError
from agents.models.hosted.response import complete_usage, read_answer
from agents.models.hosted.stream import REPETITION

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def response(
    content: str | None, finish: str | None = "stop", usage: tuple[int, int] | None = (11, 7), **fields: Any
) -> SimpleNamespace:
    message = SimpleNamespace(content=content, **fields)
    counts = usage and SimpleNamespace(prompt_tokens=usage[0], completion_tokens=usage[1])
    return SimpleNamespace(choices=[SimpleNamespace(message=message, finish_reason=finish)], usage=counts)


def call(arguments: str | None) -> SimpleNamespace:
    return SimpleNamespace(function=SimpleNamespace(arguments=arguments))


@pytest.mark.parametrize(
    ("content", "calls", "text"),
    [
        ("hello \n\n", None, "hello"),
        ("hello", [], "hello"),
        ("hello", [call('{"a": 1}')], '{"a": 1}'),
        ("hello", [call(None)], "hello"),
        ("hello", [call(" {} ")], "hello"),
        ("", [call("{}")], "{}"),
        (None, [call(None), call('{"a": 1}')], '{"a": 1}'),
    ],
)
def test_the_text_is_that_of_the_tool_call_if_it_has_one(content: str | None, calls: Any, text: str) -> None:
    assert read_answer(response(content, tool_calls=calls), None).text == text


@pytest.mark.parametrize(
    ("finish", "fields", "what"),
    [
        ("stop", {}, "an empty answer"),
        ("length", {}, "reached its length limit before it began: it is blank"),
        (REPETITION, {}, "reached its length limit before it began"),
        ("length", {"reasoning_content": "hm"}, "all of its 2 characters are reasoning"),
        ("stop", {"reasoning_content": "hm"}, "the answer is empty, and 2 characters came as reasoning: hm"),
        ("stop", {"provider_specific_fields": {"refusal": "no"}}, "the model refuses: no"),
        ("content_filter", {}, "the provider's content filter withheld the answer"),
    ],
)
def test_an_empty_answer_has_its_cause(finish: str, fields: dict[str, Any], what: str) -> None:
    with pytest.raises(CallError, match=what) as caught:
        read_answer(response(" \n", finish, **fields), SCHEMA)
    assert (caught.value.transient, caught.value.billed) == (True, True)


def test_an_answer_that_ended_in_repetitions_is_used_only_if_it_is_complete() -> None:
    answer = read_answer(response('{"a": 1}  ', REPETITION), SCHEMA)
    assert (answer.text, answer.fits) == ('{"a": 1}', True)
    assert "after 8 characters the model sent only blanks" in answer.notes[0]
    with pytest.raises(CallError, match=r"the model sent only repetitions: .*again again") as caught:
        read_answer(response('{"a":' + "again " * 9 + "again", REPETITION), SCHEMA)
    assert caught.value.unreadable
    assert read_answer(response("## Summary", REPETITION), None).text == "## Summary"


@pytest.mark.parametrize(
    ("usage", "sent", "received"), [((11, 7), 11, 7), ((11, 0), 11, 0), ((0, 7), 0, 7), ((-1, -1), 0, 0), (None, 0, 0)]
)
def test_missing_tokens_are_counted(usage: tuple[int, int] | None, sent: int, received: int) -> None:
    found = response("hello you", usage=usage)
    estimated = complete_usage(found, "openai/pocket", [{"role": "user", "content": "hello"}])
    assert estimated == (not (sent and received))
    assert found.usage.prompt_tokens == sent or (not sent and found.usage.prompt_tokens > 0)
    assert found.usage.completion_tokens == received or (not received and found.usage.completion_tokens > 0)
