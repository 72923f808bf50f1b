from __future__ import annotations

import pytest

from agents.faults import CallError, redact, redact_known


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-abcdefghijkl is wrong", "key [hidden] is wrong"),
        ("Incorrect API key provided: sk-test-****cdef.", "Incorrect API key provided: [hidden]."),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("http://me:password@host:8000/v1 refused", "http://[hidden]host:8000/v1 refused"),
        ("nothing to hide at http://127.0.0.1:8000/v1", "nothing to hide at http://127.0.0.1:8000/v1"),
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_secrets_of_the_environment_are_hidden_whatever_they_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "correct horse battery")
    monkeypatch.setenv("OTHER_API_KEY", "EMPTY")
    assert redact_known("correct horse battery; EMPTY") == "[hidden]; EMPTY"
    assert "horse" not in repr(CallError("got correct horse battery", "", transient=True))


def test_a_fault_is_told_on_one_short_line() -> None:
    assert str(CallError("<html>\n" + "x" * 10_000, "", transient=True)).startswith("<html> xxx")
    assert len(str(CallError("x" * 10_000, "", transient=True))) <= 400
