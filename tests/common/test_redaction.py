from __future__ import annotations

import io
import logging
import sys
import warnings
from dataclasses import dataclass

import pytest

from common import redaction
from common.redaction import redact, redact_all


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-abcdefghijkl is wrong", "key [hidden] is wrong"),
        ("Incorrect API key provided: sk-test-****cdef.", "Incorrect API key provided: [hidden]."),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("{'authorization': 'Basic dXNlcjpwYXNz', 'x': 1}", "{'authorization': 'Basic [hidden]', 'x': 1}"),
        ("http://me:password@host:8000/v1 refused", "http://[hidden]@host:8000/v1 refused"),
        ("GET http://host/v1?n=1&api-key=abc&x=2", "GET http://host/v1?n=1&api-key=[hidden]&x=2"),
        ("AIzaSyA-1234567890_abcdefghij gsk_0123456789abcdef0123", "[hidden] [hidden]"),
        ("AKIAIOSFODNN7EXAMPLE", "[hidden]"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "nothing to hide at http://127.0.0.1:8000/v1",
        "|skip_connect~0|+|nor_conv_3x3~0|skip_connect~1|",
        "Basic convolutions are the bearer of token mixing; key: value, sk-learn",
        '{"architectures": [{"r": 208, "d": [2, 3]}]}',
    ],
)
def test_what_has_not_stays(text: str) -> None:
    assert redact(text) == text


def test_secrets_of_the_environment_are_hidden_however_they_are_spelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", 'correct "horse" battery/staple')
    monkeypatch.setenv("SHORT_TOKEN", "EMPTY")
    monkeypatch.setenv("TOKEN_FILE", sys.executable)
    monkeypatch.setenv("SERVER_URL", "https://user-of-it:pass%20word@host/v1?code=some-code-1")
    text = f'correct "horse" battery/staple, EMPTY, {sys.executable}, pass word, pass%20word, some-code-1, user-of-it'
    assert redact(text) == f"[hidden], EMPTY, {sys.executable}, [hidden], [hidden], [hidden], [hidden]"
    assert redact(r"correct \"horse\" battery/staple") == "[hidden]"
    assert redact("correct%20%22horse%22%20battery%2Fstaple") == "[hidden]"


@dataclass(frozen=True)
class Event:
    text: str
    facts: tuple[dict[str, list[str | int]], ...]


def test_every_text_of_a_value_is_looked_at() -> None:
    secret = "sk-proj-abcdefghijkl"
    assert redact_all(Event(secret, ({secret: [secret, 1]},))) == Event("[hidden]", ({"[hidden]": ["[hidden]", 1]},))


def test_logs_warnings_and_tracebacks_hide_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (warnings, "formatwarning")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr("threading.excepthook", None)
    factory = logging.getLogRecordFactory()
    try:
        redaction.install()
        stream = io.StringIO()
        logger = logging.Logger("planted")
        logger.addHandler(logging.StreamHandler(stream))
        try:
            raise RuntimeError("sk-planted-in-an-error")
        except RuntimeError as error:
            logger.exception("sent %s", "sk-planted-in-arguments")
            sys.excepthook(RuntimeError, error, error.__traceback__)
        logger.warning("too few %s %s", "sk-planted-in-a-bad-record")
        stream.write(warnings.formatwarning("sk-planted-in-a-warning", UserWarning, "file.py", 1))
    finally:
        logging.setLogRecordFactory(factory)
    written = stream.getvalue() + capsys.readouterr().err
    assert "planted-in" not in written
    assert written.count("RuntimeError: [hidden]") == 2
    assert "sent [hidden]" in written
