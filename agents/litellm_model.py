"""Every hosted model and every local server, by litellm's name for it, as one chat model.

Thin on purpose: retries and the deadline are the caller's, keys and addresses are read from the environment by litellm
(`OPENAI_API_KEY`, `OPENAI_API_BASE`, ...) and never held here. What litellm raises leaves as a `CallError` with its
secrets hidden. Importing litellm takes seconds, so it happens when a model is made.
"""

from __future__ import annotations

import email.utils
import gc
import logging
import os
import re
import time
from functools import cache
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatResult

from agents.faults import CallError
from agents.pricing import count_tokens
from errors import UserError

_SERVERS_WITH_SCHEMA = ("hosted_vllm", "ollama", "ollama_chat")
"""Servers that constrain any model to a schema; litellm knows only of models, so it says no for these."""
_NAMES = "a name that litellm knows, such as openai/gpt-4o-mini, anthropic/claude-sonnet-4-5 or ollama/qwen3"

_PREFIXES = re.compile(r"^(?:[\w.]+: )*(?:\w+Exception - )?(?:error - )?")
"""What litellm puts before the provider's own words."""


def hosted_model(name: str, *, seed: int, temperature: float) -> LiteLLMChatModel:
    """
    Raises:
        UserError: litellm knows no such provider, or a variable that it needs is not in the environment.
    """
    litellm = _litellm()
    try:
        _, provider, _, _ = litellm.get_llm_provider(name)
    except litellm.exceptions.BadRequestError:
        raise UserError(f"unknown model {name!r}; expected `offline`, `scripted:FILE` or {_NAMES}") from None
    if provider == "hosted_vllm" and not os.environ.get("HOSTED_VLLM_API_BASE"):
        # Without an address the OpenAI client underneath would send the prompts to OpenAI.
        raise UserError(f"{name} needs its server's address: set HOSTED_VLLM_API_BASE, e.g. http://127.0.0.1:8000/v1")
    missing = litellm.validate_environment(name)["missing_keys"]
    if keys := [variable for variable in missing if variable.endswith(("_API_KEY", "_TOKEN"))]:
        raise UserError(
            f"{name} needs a key: set {' or '.join(keys)} in the environment (any text will do for a server that asks "
            "for none), or choose another model; `offline` needs none"
        )
    schema = provider in _SERVERS_WITH_SCHEMA or litellm.supports_response_schema(name)
    return LiteLLMChatModel(name=name, seed=seed, temperature=temperature, constrained=schema)


class LiteLLMChatModel(BaseChatModel):
    """Answers in one piece. Call arguments: `timeout` in seconds, `max_tokens`, `response_schema` if `constrained`."""

    name: str
    seed: int
    temperature: float
    constrained: bool

    @property
    def _llm_type(self) -> str:
        return "litellm"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"seed": self.seed, "temperature": self.temperature, "held_to_schema": self.constrained}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        timeout: float = 120.0,
        response_schema: dict[str, Any] | None = None,
        max_tokens: int | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            return self._complete(messages, stop, timeout, response_schema, max_tokens)
        except Exception as error:
            fault = _fault(error)
        # Raised out here, so that the original, which can hold the request's headers, is not chained to it.
        raise fault

    def _complete(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        timeout: float,
        schema: dict[str, Any] | None,
        max_tokens: int | None,
    ) -> ChatResult:
        litellm = _litellm()
        arguments = {
            "model": self.name,
            "messages": convert_to_openai_messages(messages),
            "temperature": self.temperature,
            "seed": self.seed,
            "stop": stop,
            "max_tokens": max_tokens,
            "timeout": timeout,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        form = _response_format(schema) if self.constrained and schema else None
        try:
            response = litellm.completion(**arguments, response_format=form)
        except litellm.exceptions.BadRequestError:
            if form is None:
                raise
            # Providers differ in the parts of JSON schema they take; the prompt states the form as well.
            response = litellm.completion(**arguments)
            self.constrained = False
        estimated = not getattr(getattr(response, "usage", None), "prompt_tokens", 0)
        if estimated:  # a server that counts nothing: the call would look as if it had cost nothing
            response.usage = _counted(self.name, arguments["messages"], _text(response))
        return _result(response, _cost(litellm, response, self.name), estimated)


@cache
def _litellm() -> Any:
    # Read by litellm when it is imported: no fetch of a price list, no `.env` of the working folder.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    litellm.suppress_debug_info = True
    # Its log lines would stand in the middle of a trace, and may hold what was sent.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    # Collecting its very many objects would hold up the program's end, and Ctrl-C with it, by two seconds.
    gc.freeze()
    return litellm


def _response_format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def _result(response: Any, cost_usd: float | None, estimated: bool) -> ChatResult:
    sent, received = response.usage.prompt_tokens, response.usage.completion_tokens
    message = AIMessage(
        _text(response),
        usage_metadata={"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received},
        response_metadata={"cost_usd": cost_usd, "estimated": estimated},
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


def _text(response: Any) -> str:
    return response.choices[0].message.content or ""


def _counted(name: str, messages: Any, text: str) -> Any:
    sent, received = count_tokens(name, messages), count_tokens(name, [{"role": "assistant", "content": text}])
    return _litellm().Usage(sent, received, sent + received)


def _cost(litellm: Any, response: Any, name: str) -> float | None:
    """US dollars by litellm's price list; None for what it does not list."""
    try:
        return float(litellm.completion_cost(response, model=name))
    except Exception:  # litellm raises bare exceptions for a model without a price
        return None


def _fault(error: Exception) -> CallError:
    status = getattr(error, "status_code", None)
    transient = not isinstance(status, int) or status in (408, 409, 425, 429) or status >= 500
    # litellm gives the status 500 to broken connections and unreadable bodies too, so only others are worth telling.
    kind = type(error).__name__ + (f" (HTTP {status})" if status and status != 500 else "")
    words = _PREFIXES.sub("", str(error)).split(", Received response")[0]
    what = f"{kind}: {words}"
    return CallError(what, _advice(status), transient=transient, retry_after=_retry_after(error))


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
    """Seconds from now that a `retry-after` header asks for; it holds seconds or a date."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after") or (getattr(error, "litellm_response_headers", None) or {}).get("retry-after")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        date = email.utils.parsedate_tz(value)
        return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None
