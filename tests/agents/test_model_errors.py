from __future__ import annotations

import pytest

from agents.model_errors import CallError


def test_a_fault_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "correct horse battery")
    assert "horse" not in repr(CallError("got correct horse battery", "", transient=True))


def test_a_fault_is_told_on_one_short_line() -> None:
    assert str(CallError("<html>\n" + "x" * 10_000, "", transient=True)).startswith("<html> xxx")
    assert len(str(CallError("x" * 10_000, "", transient=True))) <= 400
