"""Calls of language models come back as they were recorded."""

from __future__ import annotations

from dataclasses import replace

from graph.archive.archive import Archive
from tests.graph.archive.test_archive import call


def test_calls_come_back_as_they_were_sent_and_each_message_is_kept_once(archive: Archive) -> None:
    calls = [call("one", round=1), call("two", round=2), call("one", round=3)]
    for each in calls:
        archive.calls.record(each)
    assert list(archive.calls) == calls
    assert archive.calls.at(2, "navigator", 1) == calls[1]
    assert archive.calls.at(2, "generator", 1) is None
    assert archive.connection.execute("SELECT COUNT(*) FROM messages").fetchone() == (3,)


def test_a_reservation_counts_until_it_is_released(archive: Archive) -> None:
    archive.calls.record(call("a", 0.5))
    first = archive.calls.reserve("key", 100, 1.0)
    second = archive.calls.reserve("key", 200, 2.0)
    assert archive.calls.spent == (315, 3.5)
    archive.calls.release(first)
    assert archive.calls.spent == (215, 2.5)
    archive.calls.release(second)
    assert archive.calls.spent == (15, 0.5)


def test_answers_are_counted_by_role_and_model(archive: Archive) -> None:
    for number, model in enumerate(("first", "spare", "spare"), start=1):
        made = call(f"question {number}", round=number)
        archive.calls.record(replace(made, request=replace(made.request, model=model)))
    assert archive.calls.answered() == {"navigator": {"first": 1, "spare": 2}}


def test_a_call_is_found_by_any_of_several_requests(archive: Archive) -> None:
    known, unknown = call("known"), call("unknown")
    archive.calls.record(known)
    assert archive.calls.find(unknown.request) is None
    assert archive.calls.find(unknown.request, known.request) == known.reply
    assert archive.calls.get(known.request.key) == known
