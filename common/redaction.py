"""Hides secrets in every text that leaves the program: errors, records, traces, logs, warnings and tracebacks.

Hidden are the values of environment variables with the name of a secret, what addresses in the environment carry, and
whatever has the shape of a key, wherever it comes from. Notable: the environment is read each time and nothing is
kept, so there is no store of secrets to lose. It is in `common` because all rooms need it.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit

HIDDEN = "[hidden]"

_T = TypeVar("_T")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|AUTH(?!OR|_SOCK)", re.IGNORECASE)
# Shorter values are placeholders such as `EMPTY`, which also occur in ordinary text.
_SHORTEST = 8
_PARAMETER = r"[?&][\w.-]*(?:key|token|secret|signature|sig|password)="
_SHAPES = re.compile(
    # The keys of providers by their beginnings; the first is also shown masked, with asterisks.
    r"\b(?:sk|rk)-[\w*-]{8,}"
    r"|\b(?:gsk|hf|r8|ghp|gho|github_pat|glpat|xai|pplx|nvapi|fw|csk|tgp_v1)[-_][\w-]{16,}"
    r"|\bAIza[\w-]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
    # What headers and addresses carry.
    r"|(?P<header>authorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',]+"
    r"|(?P<bearer>\bbearer\s+)[\w.~+/=-]{16,}"
    r"|(?P<user>://)[^/\s@\"']+(?=@)"
    rf"|(?P<query>{_PARAMETER})[^&\s\"'<>]+",
    re.IGNORECASE | re.ASCII,
)


def redact(text: str) -> str:
    """`text` without secrets."""
    return _redact(text, _known())


def redact_all(value: _T) -> _T:
    """`value`, a dataclass or of JSON's types, with `redact` done to every text within."""
    known = _known()

    def walk(value: Any) -> Any:
        if value is None or isinstance(value, int | float | bytes):
            return value
        if isinstance(value, str):
            return _redact(value, known)
        if isinstance(value, Mapping):
            return {walk(key): walk(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(walk(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return type(value)(**{field.name: walk(getattr(value, field.name)) for field in fields(value)})
        return value

    redacted: _T = walk(value)
    return redacted


def install() -> None:
    """From here on, log records, warnings and tracebacks of this process show no secret."""
    logging.setLogRecordFactory(_record)
    warnings.formatwarning = _warning
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda caught: _uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
    threading.excepthook = lambda caught: _uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)


def _redact(text: str, known: list[str]) -> str:
    for secret in known:
        text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(lambda found: (found.group(found.lastgroup) if found.lastgroup else "") + HIDDEN, text)


def _known() -> list[str]:
    """Every spelling of the environment's secrets, the longest first: one may begin another."""
    spelled = (s for secret in _secrets() for s in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]))
    return sorted(set(spelled), key=len, reverse=True)


def _secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        secrets = _carried(value) if "://" in value else []
        # Some variables name the file of a secret; hiding its path would garble messages.
        if _SECRET_NAME.search(name) and not os.path.exists(value):
            secrets = [value, *secrets]
        yield from (secret for secret in secrets if len(secret) >= _SHORTEST)


def _carried(address: str) -> list[str]:
    """User, password, both as a header carries them, and values of the query of an address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return []
    user = parts.netloc.rpartition("@")[0]
    basic = base64.b64encode(unquote(user).encode()).decode()
    return [user, basic, *map(unquote, user.split(":")), *(value for _, value in parse_qsl(parts.query))]


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    try:
        message = record.getMessage()
    except Exception:  # arguments that do not fit the message are no reason to fail
        message = f"{record.msg} {record.args}"
    record.msg, record.args = redact(message), None
    if record.exc_info and record.exc_info[0]:
        # Formatters take this text instead of making their own.
        record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip())
    return record


def _warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    return redact(f"{filename}:{lineno}: {category.__name__}: {message}\n")


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
