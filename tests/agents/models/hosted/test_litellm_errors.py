from __future__ import annotations

import time
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from agents.model_errors import CallError
from agents.models.hosted.litellm_client import litellm
from agents.models.hosted.litellm_errors import call_error, refuses_form


class ProviderError(Exception):
    """An exception with the attributes of litellm's."""

    def __init__(self, text: str, status: int | None = None, retry_after: str | None = None) -> None:
        super().__init__(text)
        if status is not None:
            self.status_code = status
        if retry_after is not None:
            self.response = SimpleNamespace(headers={"retry-after": retry_after})


def test_a_call_error_stays_as_it_is() -> None:
    error = CallError("cut", "wait", transient=True)
    assert call_error(error) is error


@pytest.mark.parametrize(
    ("status", "transient", "advice"),
    [
        (400, False, "context length"),
        (401, False, "key in the environment"),
        (403, False, "key in the environment"),
        (402, False, "account's limits"),
        (404, False, "model's name"),
        (408, True, "server runs"),
        (422, False, "refuses this request"),
        (429, True, "account's limits"),
        (503, True, "server runs"),
        (None, True, "server runs"),
    ],
)
def test_the_status_decides_about_another_try_and_the_advice(status: int | None, transient: bool, advice: str) -> None:
    error = call_error(ProviderError("sorry", status))
    assert error.transient is transient
    assert advice in error.advice
    assert error.what == (f"ProviderError (HTTP {status}): sorry" if status else "ProviderError: sorry")


def test_only_the_providers_words_are_shown_and_no_secret() -> None:
    text = "litellm.RateLimitError: RateLimitError: OpenAIException - Slow down, Bearer sk-51f0c0ffee51f0c0ffee"
    what = call_error(ProviderError(f"{text}, Received response: ...", 500)).what
    assert what == "ProviderError: Slow down, Bearer [hidden]"


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_that_the_server_asks_for_is_read(form: str) -> None:
    value = "30" if form == "seconds" else formatdate(time.time() + 30, usegmt=True)
    assert call_error(ProviderError("busy", 429, value)).retry_after == pytest.approx(30, abs=2)


@pytest.mark.parametrize("value", [None, "soon", ""])
def test_without_a_readable_wait_there_is_none(value: str | None) -> None:
    assert call_error(ProviderError("busy", 429, value)).retry_after is None


def test_a_date_in_the_past_is_no_negative_wait() -> None:
    assert call_error(ProviderError("busy", 429, "Thu, 01 Jan 1970 00:00:00 GMT")).retry_after == 0


@pytest.mark.parametrize(("status", "refused"), [(400, True), (404, True), (422, True), (401, False), (500, False)])
def test_some_statuses_may_mean_the_answer_form(status: int, refused: bool) -> None:
    assert refuses_form(ProviderError("no", status)) is refused


def test_a_prompt_that_is_too_long_is_not_about_the_form() -> None:
    too_long = litellm().exceptions.ContextWindowExceededError("too long", "pocket", "openai")
    assert too_long.status_code == 400
    assert not refuses_form(too_long)
