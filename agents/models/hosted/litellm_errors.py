"""Translates litellm's exceptions into `CallError`, which says in plain words what happened and what to do."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterator

import httpx

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.models.hosted.transport import ProxyError

_PREFIXES = re.compile(r"^(?:[\w.]+: )*(?:\w+Exception - )?(?:error - )?")
"""Text that litellm puts before the message of a provider."""
_AFTER = re.compile(
    r", Received response| Original exception: |\. Received Chunk=|\s*Traceback \(most recent call last\)"
)
_REFUSALS = (400, 404, 422)
"""HTTP status codes for a refused answer form; a router without a provider for the form answers 404."""
_CUT = "without sending complete message body"
"""httpx's words for a response that ended too early."""
_RUNS = "check that the server runs and can be reached"


def call_error(error: Exception) -> CallError:
    """The `CallError` for an exception of litellm, without the secrets that the exception may hold."""
    if isinstance(error, CallError):
        return error
    causes = list(causes_of(error))
    for cause in causes:
        if isinstance(cause, ProxyError):
            return _proxy_error(cause)
    status = getattr(error, "status_code", None)
    transient = not isinstance(status, int) or status in (408, 409, 425, 429) or status >= 500
    # litellm gives broken connections and unreadable bodies the status 500 too, so 500 says nothing.
    code = f" (HTTP {status})" if status and status != 500 else ""
    kind = type(getattr(error, "original_exception", None) or error).__name__ + code
    words = _AFTER.split(_PREFIXES.sub("", str(error)))[0]
    reason = next((str(cause) for cause in causes if isinstance(cause, httpx.TransportError) and str(cause)), "")
    # The client libraries name no reason, and call it an error of the server.
    what = f"Connection error: {reason}" if reason else f"{kind}: {words}"
    billed = any(isinstance(cause, httpx.RemoteProtocolError) and _CUT in str(cause) for cause in causes)
    return CallError(what, _advice(status), transient=transient, retry_after=_retry_after(error), billed=billed)


def refuses_form(error: Exception) -> bool:
    """Whether the provider may have refused the answer form, so that another form is worth a try."""
    exceptions = litellm().exceptions
    if isinstance(error, exceptions.ContextWindowExceededError | exceptions.ContentPolicyViolationError):
        return False
    return getattr(error, "status_code", None) in _REFUSALS


def _proxy_error(error: ProxyError) -> CallError:
    proxy = error.proxy
    what = f"no connection to {error.host} through the proxy {proxy.address}, which {proxy.setting} names: {error}"
    advice = f"correct {proxy.setting}, or add {error.host} to NO_PROXY to connect without a proxy"
    return CallError(what, advice, transient=True)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that it was raised from, or while they were handled."""
    seen: set[int] = set()
    left = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        left += [each.__cause__, each.__context__, getattr(each, "original_exception", None)]


def _advice(status: object) -> str:
    if status in (401, 403):
        return "check that the provider's key in the environment is right and may use this model"
    if status == 404:
        return "check the model's name, and for a server of your own its address"
    if status == 407:
        return "the proxy needs a user and a password: http://USER:PASSWORD@HOST:PORT in HTTP_PROXY or HTTPS_PROXY"
    if status in (402, 429):
        return "wait, check the account's limits, or choose another model"
    if status in (400, 413, 422):
        return "the provider refuses this request: check the model's name and context length, or choose another model"
    return _RUNS


def _retry_after(error: Exception) -> float | None:
    """Seconds to wait according to a `retry-after` header, which holds seconds or a date."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after") or (getattr(error, "litellm_response_headers", None) or {}).get("retry-after")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        date = email.utils.parsedate_tz(value)
        return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None
