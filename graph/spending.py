"""Money and tokens of a run: reserved before an attempt, and released when its answer is recorded.

Notable: an attempt is made only if the most that it can cost is left, so the prompt is counted with a margin, and the
answer may be no longer than the rest can pay. Prices come from the run's own list, fixed when it began.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from agents.calls.call_budget import CallBudget, UnlimitedCalls
from agents.calls.transcript import Request
from agents.model_errors import BudgetSpent
from agents.models.hosted.pricing import count_tokens, listed, price
from agents.models.local.model_file import is_local
from agents.models.model_registry import is_language_model
from agents.models.settings import ModelSettings, Price
from common.errors import UserError
from graph.archive.calls import Calls
from graph.budget import Budget

MARGIN = 1.25
"""Factor on counted prompt tokens, since counters are exact for some models only."""
LEAST_ANSWER, LONGEST_ANSWER = 2_000, 32_000
"""Minimum completion tokens for one round of architectures, and the maximum requested."""

_NONE = "no language model"

PriceList = Mapping[str, Mapping[str, Any] | None]
"""Model to US dollars per `prompt` and per `completion` token, and their `source`; None for an unknown price."""


def price_list(models: Iterable[ModelSettings]) -> PriceList:
    """Prices of all models and their fallbacks. If roles price one model differently, the higher price counts."""
    entries = [(each.name, _entry(each)) for settings in models for each in settings.fallback_chain]
    return dict(sorted(entries, key=lambda priced: (priced[0], _price_order(priced[1]))))


def _entry(settings: ModelSettings) -> Mapping[str, Any] | None:
    if not is_language_model(settings.name):
        return {"prompt": 0.0, "completion": 0.0, "source": _NONE}
    if settings.price:
        return {**asdict(settings.price), "source": "the user's own"}
    if is_local(settings.name):
        return {"prompt": 0.0, "completion": 0.0, "source": "runs on this machine"}
    known = price(settings.name, settings)
    return {**asdict(known), "source": f"litellm {version('litellm')}"} if known else None


def _price_order(entry: Mapping[str, Any] | None) -> float:
    """An unknown price may be higher than any."""
    return float(entry["prompt"] + entry["completion"]) if entry else float("inf")


def require_prices(usd: float | None, prices: PriceList) -> None:
    """
    Raises:
        UserError: dollars are limited, and a model's price is not known.
    """
    unknown = [name for name, entry in prices.items() if entry is None]
    if usd is not None and unknown:
        raise UserError(
            f"--usd {usd:g} needs the price of every model; no price is known for {', '.join(unknown)}. Limit --tokens "
            "instead, name a model that is in litellm's list, or give its price in a file: --config"
        )


def call_budget_for(model: str, prices: PriceList, budget: Budget, calls: Calls) -> CallBudget:
    entry = prices.get(model)
    if not budget.limits_calls or (entry and entry["source"] == _NONE):
        return UnlimitedCalls()
    return LimitedCallBudget(Price(entry["prompt"], entry["completion"]) if entry else None, budget, calls)


class LimitedCallBudget:
    """Pays one model's calls from the budget; an `agents.calls.call_budget.CallBudget`."""

    def __init__(self, price: Price | None, budget: Budget, calls: Calls) -> None:
        self._price = price
        self._budget = budget
        self._calls = calls
        self._reserved = 0

    def reserve(self, request: Request) -> int:
        prompt = _prompt_tokens(request)
        longest = min(listed(request.model).get("max_output_tokens") or LONGEST_ANSWER, LONGEST_ANSWER)
        longest = min(longest, self._affordable(prompt))
        if longest < LEAST_ANSWER:
            raise BudgetSpent(self._budget.refusal(prompt + LEAST_ANSWER, self._cost(prompt, LEAST_ANSWER)))
        self._reserved = self._calls.reserve(request.key, prompt + longest, self._cost(prompt, longest))
        return longest

    def release(self) -> None:
        self._calls.release(self._reserved)

    def _affordable(self, prompt: int) -> int:
        """Tokens of an answer that can still be paid, after its prompt."""
        tokens, usd = self._budget.left_for_calls
        if self._price and self._price.completion:
            tokens = min(tokens - prompt, (usd - self._cost(prompt, 0)) / self._price.completion)
        else:
            tokens -= prompt
        return int(max(0, min(tokens, LONGEST_ANSWER)))

    def _cost(self, prompt: int, completion: int) -> float:
        return self._price.cost_usd(prompt, completion) if self._price else 0.0


def _prompt_tokens(request: Request) -> int:
    sent = list(request.messages)
    if request.schema:
        sent.append({"role": "system", "content": json.dumps(request.schema)})
    return int(MARGIN * count_tokens(request.model, sent))
