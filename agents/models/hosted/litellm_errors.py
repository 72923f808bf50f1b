"""Translates litellm's exceptions into `CallError`, which says in plain words what happened and what to do."""

from __future__ import annotations

import email.utils
import re
import time

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm

_PREFIXES = re.compile(r"^(?:[\w.]+: )*(?:\w+Exception - )?(?:error - )?")
"""Text that litellm puts before the message of a provider."""
_AFTER = re.compile(r", Received response| Original exception: ")
_REFUSALS = (400, 404, 422)
"""HTTP status codes for a refused answer form; a router without a provider for the form answers 404."""


def call_error(error: Exception) -> CallError:
    """The `CallError` for an exception of litellm, without the secrets that the exception may hold."""
    if isinstance(error, CallError):
        return error
    status = getattr(error, "status_code", None)
    transient = not isinstance(status, int) or status in (408, 409, 425, 429) or status >= 500
    # litellm gives broken connections and unreadable bodies the status 500 too, so 500 says nothing.
    kind = type(error).__name__ + (f" (HTTP {status})" if status and status != 500 else "")
    words = _AFTER.split(_PREFIXES.sub("", str(error)))[0]
    return CallError(f"{kind}: {words}", _advice(status), transient=transient, retry_after=_retry_after(error))


def refuses_form(error: Exception) -> bool:
    """Whether the provider may have refused the answer form, so that another form is worth a try."""
    exceptions = litellm().exceptions
    if isinstance(error, exceptions.ContextWindowExceededError | exceptions.ContentPolicyViolationError):
        return False
    return getattr(error, "status_code", None) in _REFUSALS


def _advice(status: object) -> str:
    if status in (401, 403):
        return "check that the provider's key in the environment is right and may use this model"
    if status == 404:
        return "check the model's name, and for a server of your own its address"
    if status in (402, 429):
        return "wait, check the account's limits, or choose another model"
    if status in (400, 413, 422):
        return "the provider refuses this request: check the model's name and context length, or choose another model"
    return "check that the server runs and can be reached, then resume the run"


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
