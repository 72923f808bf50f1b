from __future__ import annotations

import pytest

from agents.calls.line_buffer import LineBuffer


def test_a_secret_that_lies_across_pieces_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "correct horse battery")
    handed: list[str] = []
    pieces = LineBuffer(handed.append)
    for piece in ("you sent correct h", "orse", " battery\n", "\x1b[2J", " did you", " not?"):
        pieces.add(piece)
    pieces.end()
    assert handed == ["you sent [hidden]\n", " did you not?"]
