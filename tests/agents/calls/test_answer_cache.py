from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agents.calls.answer_cache import AnswerCache, CachedTranscript
from agents.calls.transcript import Call, MemoryTranscript, Reply, Request

SENT = ({"role": "user", "content": "?"},)
COLD = Request(
    role="navigator",
    round=1,
    attempt=1,
    model="some/model",
    messages=SENT,
    schema=None,
    settings={"temperature": 0, "seed": 1},
)
WARM = Request(
    role="navigator",
    round=1,
    attempt=1,
    model="some/model",
    messages=SENT,
    schema=None,
    settings={"temperature": 0.6, "seed": 1},
)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[AnswerCache]:
    with closing(AnswerCache(tmp_path / "below" / "answers.sqlite")) as cache:
        yield cache


def answered(request: Request, cache: AnswerCache) -> list[str]:
    """Has an answer recorded in one run; what the person was told."""
    told: list[str] = []
    CachedTranscript(MemoryTranscript(), cache, told.append).record(
        Call(request, Reply(text="yes", prompt_tokens=10, completion_tokens=2, cost_usd=0.5, seconds=1.0))
    )
    return told


def test_a_deterministic_answer_is_free_in_the_next_run_and_goes_on_its_record(cache: AnswerCache) -> None:
    assert answered(COLD, cache) == []
    run = MemoryTranscript()
    again = replace(COLD, role="generator", round=7, attempt=2)
    assert CachedTranscript(run, cache, print).find(again) == Reply(
        text="yes", prompt_tokens=0, completion_tokens=0, cost_usd=0.0, seconds=0.0, cached=True
    )
    assert [call.request for call in run.calls] == [again]


def test_an_earlier_answer_of_a_fallback_is_no_reason_not_to_ask_the_model(cache: AnswerCache) -> None:
    answered(COLD, cache)
    first = replace(COLD, model="first/model")
    assert CachedTranscript(MemoryTranscript(), cache, print).find(first, COLD) is None


def test_sampled_answers_are_refused_once_and_with_the_reason(cache: AnswerCache) -> None:
    told = answered(WARM, cache)
    transcript = CachedTranscript(MemoryTranscript(), cache, told.append)
    assert transcript.find(WARM) is None
    assert transcript.find(WARM) is None
    assert len(told) == 2  # once a run
    assert "some/model may answer differently each time" in told[0]


@pytest.mark.parametrize("change", ["model", "messages", "schema", "settings"])
def test_everything_that_was_sent_is_in_the_key(change: str, cache: AnswerCache) -> None:
    answered(COLD, cache)
    values = {"model": "other", "messages": (), "schema": {}, "settings": {"temperature": 0, "seed": 2}}
    parts = {"model": COLD.model, "messages": SENT, "schema": None, "settings": COLD.settings}
    other = Request(role="navigator", round=1, attempt=1, **{**parts, change: values[change]})  # type: ignore[arg-type]
    assert CachedTranscript(MemoryTranscript(), cache, print).find(other) is None
