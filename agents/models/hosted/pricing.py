"""What a model's tokens cost and how many a prompt has, from litellm's bundled lists; asks no network.

Notable: litellm's list has 0 where a price is not known as well as where there is none to pay. So 0 counts as unknown;
what truly costs nothing is for the user to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.models.hosted.litellm_client import litellm
from agents.models.settings import ModelSettings, Price

_ASKED_ELSEWHERE = ("ollama", "ollama_chat", "lemonade", "huggingface")
"""Providers whose models litellm does not look up but asks a server for."""


def price(name: str, settings: ModelSettings) -> Price | None:
    """The user's own for `name`, in `settings` or its fallbacks, else that of litellm's list; None when unknown."""
    own = next((each.price for each in settings.fallback_chain if each.name == name), None)
    return own or _listed(listed(name))


def listed(name: str) -> dict[str, Any]:
    """What litellm's list says of a model; empty for one that is not in it."""
    library = litellm()
    try:
        model, provider, _, _ = library.get_llm_provider(name)
        if provider in _ASKED_ELSEWHERE:
            return dict(library.model_cost.get(name) or {})
        return dict(library.get_model_info(model, custom_llm_provider=provider))
    except Exception:  # litellm raises bare exceptions for a model without an entry
        return {}


def count_tokens(name: str, messages: Sequence[dict[str, str]]) -> int:
    """Tokens of a prompt by litellm's counter, exact for OpenAI's models and near for others.

    Where it fails: one token for every three bytes, and four a message, which is more than tokenizers need for English
    and JSON.
    """
    try:
        return int(litellm().token_counter(name, messages=list(messages)))
    except Exception:  # whatever a tokenizer stumbles over, there is a count
        return sum(len(message["content"].encode("utf-8", "replace")) // 3 + 5 for message in messages)


def _listed(entry: dict[str, Any]) -> Price | None:
    prompt, completion = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    return Price(prompt, completion) if prompt and completion else None
