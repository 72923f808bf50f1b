"""Prices of tokens and numbers of tokens, from the lists that litellm contains, without a network request.

litellm's list has the price 0 both for free models and for unknown prices, so 0 counts as unknown. A user can give the
price 0 for a model that is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.models.hosted.litellm_client import litellm
from agents.models.settings import ModelSettings, Price

_LISTED_BY_SERVERS = ("ollama", "ollama_chat", "lemonade", "huggingface")
"""Providers for which litellm sends a request to a server instead of reading its list."""


def price(name: str, settings: ModelSettings) -> Price | None:
    """The price that the user gave for `name`, else that of litellm's list; None if neither exists.

    Prices of users are searched in `settings` and its fallbacks.
    """
    own = next((each.price for each in settings.fallback_chain if each.name == name), None)
    return own or _listed(listed(name))


def listed(name: str) -> dict[str, Any]:
    """The entry of a model in litellm's list; empty for a model that is not in it."""
    library = litellm()
    try:
        model, provider, _, _ = library.get_llm_provider(name)
        if provider in _LISTED_BY_SERVERS:
            return dict(library.model_cost.get(name) or {})
        return dict(library.get_model_info(model, custom_llm_provider=provider))
    except Exception:  # litellm raises plain exceptions for a model without an entry
        return {}


def count_tokens(name: str, messages: Sequence[dict[str, str]] | str) -> int:
    """Tokens of a prompt or of a text according to litellm: exact for OpenAI's models, an estimate for others.

    If litellm fails, the estimate is one token for every three bytes and five per message, more than tokenizers need
    for English and JSON.
    """
    try:
        if isinstance(messages, str):
            return int(litellm().token_counter(name, text=messages))
        return int(litellm().token_counter(name, messages=list(messages)))
    except Exception:  # tokenizers may raise anything
        if isinstance(messages, str):
            return len(messages.encode("utf-8", "replace")) // 3
        return sum(len(message["content"].encode("utf-8", "replace")) // 3 + 5 for message in messages)


def _listed(entry: dict[str, Any]) -> Price | None:
    prompt, completion = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    return Price(prompt, completion) if prompt and completion else None
