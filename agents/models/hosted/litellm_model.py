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
from agents.models.hosted.litellm_client import litellm, provider_of
from agents.models.hosted.litellm_errors import call_error, refuses_form
from agents.models.hosted.pricing import count_tokens, price
from agents.models.hosted.stream import streamed
from agents.models.settings import ModelSettings
from common.errors import UserError

_ADDRESSES = {"hosted_vllm": ("HOSTED_VLLM_API_BASE", 8000), "lm_studio": ("LM_STUDIO_API_BASE", 1234)}
"""Variable for the address, and usual port, of providers that litellm would send to OpenAI without an address."""


def litellm_model(settings: ModelSettings, *, seed: int) -> LiteLLMChatModel:
    """The chat model for `settings`.

    Raises:
        UserError: litellm knows no such provider, or a key or an address is not in the environment.
    """
    name = settings.name
    variable, port = _ADDRESSES.get(provider_of(name), ("", 0))
    if variable and not settings.api_base and not os.environ.get(variable):
        raise UserError(
            f"{name} needs its server's address: --api-base or {variable}, for example http://127.0.0.1:{port}/v1"
        )
    missing = litellm().validate_environment(name)["missing_keys"]
    if keys := [each for each in missing if each.endswith(("_API_KEY", "_TOKEN"))]:
        raise UserError(
            f"{name} needs a key: set {' or '.join(keys)} in the environment (any text will do for a server that asks "
            "for none), or choose another model; `analyst` needs none"
        )
    return LiteLLMChatModel(settings=settings, seed=seed, forms=capability(settings).forms)


class LiteLLMChatModel(BaseChatModel):
    """Call arguments: `timeout` in seconds, `response_schema`, `max_tokens`, and `on_text`, which receives the stream.

    An answer form or a stream that the provider refused once is not requested again.
    """

    settings: ModelSettings
    seed: int
    forms: tuple[AnswerForm, ...]
    streams: bool = True

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
        **kwargs: Any,
    ) -> ChatResult:
        sent = convert_to_openai_messages(messages)
        arguments = {
            "model": self.settings.name,
            "messages": sent,
            "api_base": self.settings.api_base,
            "temperature": self.settings.temperature,
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
            response = self._constrained(response_schema, arguments, on_text)
            return _result(response, sent, self.settings)
        except Exception as error:
            call_failure = call_error(error)
        # Raised outside the handler, so that the original, which can hold request headers, is not chained to it.
        raise call_failure

    def _constrained(
        self, schema: dict[str, Any] | None, arguments: dict[str, Any], on_text: Callable[[str], None] | None
    ) -> Any:
        """The response in the first answer form that the provider accepts."""
        if schema is None:
            return self._complete(arguments, on_text)
        for i, form in enumerate(self.forms):
            try:
                response = self._complete({**arguments, **form.arguments(schema)}, on_text)
            except Exception as error:
                if form is self.forms[-1] or not refuses_form(error):
                    raise
            else:
                # Only now are the earlier forms dropped: if all had failed, the form would not have been the cause.
                self.forms = self.forms[i:]
                return response
        raise AssertionError("the last form returns or raises")

    def _complete(self, arguments: dict[str, Any], on_text: Callable[[str], None] | None) -> Any:
        if on_text and self.streams:
            response = streamed(arguments, on_text)
            if response is not None:
                return response
        response = litellm().completion(**arguments)
        self.streams = self.streams and not on_text
        return response


def _result(response: Any, messages: Any, settings: ModelSettings) -> ChatResult:
    message = response.choices[0].message
    calls = getattr(message, "tool_calls", None)
    text = (calls[0].function.arguments if calls else message.content) or ""
    if not text and (refusal := (getattr(message, "provider_specific_fields", None) or {}).get("refusal")):
        raise CallError(f"the model refuses: {refusal}", "choose another model", transient=True)
    estimated = not getattr(getattr(response, "usage", None), "prompt_tokens", 0)
    if estimated:  # without a count the call would appear to be free
        response.usage = _counted(settings.name, messages, text)
    sent, received = response.usage.prompt_tokens, response.usage.completion_tokens
    answer = AIMessage(
        text,
        usage_metadata={"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received},
        response_metadata={"cost_usd": _cost(response, settings), "estimated": estimated},
    )
    return ChatResult(generations=[ChatGeneration(message=answer)])


def _counted(name: str, messages: Any, text: str) -> Any:
    sent, received = count_tokens(name, messages), count_tokens(name, [{"role": "assistant", "content": text}])
    return litellm().Usage(sent, received, sent + received)


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
