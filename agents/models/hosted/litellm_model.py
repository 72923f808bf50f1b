"""The chat model for every hosted model and model server that litellm supports.

The caller is responsible for retries and the deadline. litellm reads keys and addresses from the environment
(`OPENAI_API_KEY`, `OPENAI_API_BASE`, ...); no key is stored here. Exceptions of litellm are raised as `CallError`
without secrets (`litellm_errors.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatResult

from agents.model_errors import CallError
from agents.models.hosted.capability import AnswerForm, capability
from agents.models.hosted.keys import check_keys
from agents.models.hosted.litellm_client import litellm, provider_of
from agents.models.hosted.litellm_errors import call_error, refuses_form
from agents.models.hosted.pricing import price
from agents.models.hosted.response import LENGTH, complete_usage, read_answer
from agents.models.hosted.stream import streamed
from agents.models.settings import ModelSettings
from common.errors import UserError

_ADDRESSES = {"hosted_vllm": ("HOSTED_VLLM_API_BASE", 8000), "lm_studio": ("LM_STUDIO_API_BASE", 1234)}
"""Variable for the address, and usual port, of providers that litellm would send to OpenAI without an address."""

_MOST_CUT = 2
"""Answers in a row that may reach their length limit before another form is used."""


def litellm_model(settings: ModelSettings, *, seed: int, stream: bool = True) -> LiteLLMChatModel:
    """The chat model for `settings`.

    Raises:
        UserError: litellm knows no such provider, or the environment lacks an address or a valid key.
    """
    name = settings.name
    provider = provider_of(name)
    variable, port = _ADDRESSES.get(provider, ("", 0))
    if variable and not settings.api_base and not os.environ.get(variable):
        raise UserError(
            f"{name} needs its server's address: --api-base or {variable}, for example http://127.0.0.1:{port}/v1"
        )
    check_keys(provider)
    missing = litellm().validate_environment(name)["missing_keys"]
    if keys := [each for each in missing if each.endswith(("_API_KEY", "_TOKEN"))]:
        raise UserError(
            f"{name} needs a key: set {' or '.join(keys)} in the environment (any text works for a server "
            "that needs no key), or choose another model; `analyst` needs none"
        )
    return LiteLLMChatModel(settings=settings, seed=seed, forms=capability(settings).forms, streams=stream)


class LiteLLMChatModel(BaseChatModel):
    """Call arguments: `timeout` in seconds, `response_schema`, `max_tokens`, `temperature`, and `on_text`, which
    receives the stream.

    An answer form that the provider refused once, or in which two answers in a row were cut off (or one before it
    began), is not requested again; neither is a stream after one that could not be read.
    """

    settings: ModelSettings
    seed: int
    forms: tuple[AnswerForm, ...]
    streams: bool = True
    stream_fault: str = ""
    """Why streams are no longer requested."""
    cut_answers: int = 0
    """Number of answers in a row that reached their length limit in the present form."""

    @property
    def _llm_type(self) -> str:
        return "litellm"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "seed": self.seed,
            "temperature": settings.temperature,
            "reasoning_effort": settings.reasoning_effort,
            "api_base": settings.api_base,
        }

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        *args: Any,
        timeout: float = 120.0,
        response_schema: dict[str, Any] | None = None,
        max_tokens: int | None = None,
        on_text: Callable[[str], None] | None = None,
        temperature: float | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        sent = list(convert_to_openai_messages(messages))
        arguments = {
            "model": self.settings.name,
            "messages": sent,
            "api_base": self.settings.api_base,
            "temperature": self.settings.temperature if temperature is None else temperature,
            "reasoning_effort": self.settings.reasoning_effort,
            "seed": self.seed,
            "stop": stop,
            "max_tokens": max_tokens,
            "timeout": timeout,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        try:
            return self._answer(response_schema, arguments, on_text)
        except Exception as error:
            call_failure = call_error(error)
        if call_failure.unreadable and self.streams:
            self.streams, self.stream_fault = False, call_failure.what
        # Raised outside the handler, so that the original, which can hold request headers, is not chained to it.
        raise call_failure

    def _answer(
        self, schema: dict[str, Any] | None, arguments: dict[str, Any], on_text: Callable[[str], None] | None
    ) -> ChatResult:
        response, form = self._constrained(schema, arguments, on_text)
        estimated = complete_usage(response, self.settings.name, arguments["messages"])
        try:
            answer = read_answer(response, schema)
        except CallError:
            # Another answer in this form would most likely be as empty.
            self._count_cut(response, schema, _MOST_CUT)
            raise
        self._count_cut(response, schema, 1)
        sent, received = response.usage.prompt_tokens, response.usage.completion_tokens
        message = AIMessage(
            answer.text,
            usage_metadata={"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received},
            response_metadata={
                "cost_usd": _cost(response, self.settings),
                "estimated": estimated,
                "form": form.value if form else "",
                "fits": answer.fits,
                "notes": (*answer.notes, *self._stream_note()),
            },
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream_note(self) -> tuple[str, ...]:
        if not self.stream_fault:
            return ()
        return (f"Answers are requested in one piece, because a stream could not be read: {self.stream_fault}.",)

    def _count_cut(self, response: Any, schema: dict[str, Any] | None, weight: int) -> None:
        """Give up the answer form in which too many answers in a row reached their length limit."""
        if schema is None:
            return
        self.cut_answers = self.cut_answers + weight if response.choices[0].finish_reason == LENGTH else 0
        if self.cut_answers >= _MOST_CUT and len(self.forms) > 1:
            self.forms, self.cut_answers = self.forms[1:], 0

    def _constrained(
        self, schema: dict[str, Any] | None, arguments: dict[str, Any], on_text: Callable[[str], None] | None
    ) -> tuple[Any, AnswerForm | None]:
        """The response in the first answer form that the provider accepts, and that form."""
        if schema is None:
            return self._complete(arguments, on_text), None
        for i, form in enumerate(self.forms):
            try:
                response = self._complete({**arguments, **form.arguments(schema)}, on_text)
            except Exception as error:
                if form is self.forms[-1] or not refuses_form(error):
                    raise
            else:
                # Only now are the earlier forms dropped: if all had failed, the form would not have been the cause.
                self.forms = self.forms[i:]
                return response, form
        raise AssertionError("the last form returns or raises")

    def _complete(self, arguments: dict[str, Any], on_text: Callable[[str], None] | None) -> Any:
        if on_text and self.streams:
            return streamed(arguments, on_text)
        return litellm().completion(**arguments)


def _cost(response: Any, settings: ModelSettings) -> float | None:
    """Cost in US dollars; None without a price. litellm's list includes prices of cached and of long prompts."""
    if settings.price:
        return settings.price.cost_usd(response.usage.prompt_tokens, response.usage.completion_tokens)
    if price(settings.name, settings) is None:
        return None
    try:
        return float(litellm().completion_cost(response, model=settings.name))
    except Exception:  # litellm raises plain exceptions where its list is incomplete; the answer is still good
        return None
