"""The settings of one role's model, a frozen value that a run's configuration stores.

They hold no key: keys stay in the environment, where litellm reads them. Whether the model exists is not checked here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

from common.errors import UserError
from common.redaction import redact

ROLES = ("navigator", "generator")
LOCAL_PROMPTS = ("full", "short")
EFFORTS = ("none", "minimal", "low", "medium", "high")


@dataclass(frozen=True)
class Price:
    """US dollars per prompt token and per completion token.

    Raises:
        UserError: a price is negative or not finite.
    """

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        for name, value in (("prompt", self.prompt), ("completion", self.completion)):
            _require(_number(value) and value >= 0, f"price of a {name} token", "0 or more US dollars", value)

    @classmethod
    def per_million(cls, prompt: float, completion: float) -> Price:
        """The price given in US dollars per million tokens, as providers publish it."""
        return cls(prompt / 1e6, completion / 1e6)

    def cost_usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        return self.prompt * prompt_tokens + self.completion * completion_tokens


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """The name of a model as a user types it, and the parameters of its calls.

    Raises:
        UserError: a value is outside its range, or the address holds a secret.
    """

    name: str
    api_base: str | None = None
    """Address of the model's server; None for the one of the environment or of litellm."""
    temperature: float = 0.6
    reasoning_effort: str | None = None
    deadline: float = 120.0
    """Seconds that one try may take, from sending the request to the last byte."""
    local_prompts: str | None = None
    """Prompts of a model on the program's own server: `full`, `short`, or None for what its file allows."""
    price: Price | None = None
    """Price that the user gave; None for the one of litellm's list."""
    fallbacks: tuple[ModelSettings, ...] = ()
    """Models to use, in this order, when the one before has failed for good."""

    def __post_init__(self) -> None:
        _require(isinstance(self.name, str), "name", "text", repr(self.name))
        _require(_number(self.temperature) and self.temperature >= 0, "temperature", "0 or more", self.temperature)
        _require(_number(self.deadline) and self.deadline > 0, "deadline", "more than 0 seconds", self.deadline)
        if self.reasoning_effort is not None:
            _require(
                self.reasoning_effort in EFFORTS, "reasoning effort", f"one of {', '.join(EFFORTS)}",
                repr(self.reasoning_effort),
            )  # fmt: skip
        if self.local_prompts is not None:
            _require(self.local_prompts in LOCAL_PROMPTS, "local prompts", "full or short", repr(self.local_prompts))
        if self.api_base is not None:
            _check_address(str(self.api_base))
        _require(all(not each.fallbacks for each in self.fallbacks), "fallbacks", "models without fallbacks", "some")

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | str) -> ModelSettings:
        """The inverse of `dataclasses.asdict`; a plain string is a name."""
        if isinstance(value, str):
            return cls(name=value)
        price = value.get("price")
        fallbacks = tuple(cls.from_json(each) for each in value.get("fallbacks", ()))
        return cls(**{**value, "price": price and Price(**price), "fallbacks": fallbacks})

    @classmethod
    def named(cls, names: str) -> ModelSettings:
        """The settings for names as a user types them: a model, and its fallbacks after commas."""
        first, *others = (name.strip() for name in names.split(","))
        return cls(name=first, fallbacks=tuple(cls(name=name) for name in others))

    def changed(self, **changes: Any) -> ModelSettings:
        """A copy with other values, in the fallbacks too; only `api_base` changes the first model alone."""
        common = {name: value for name, value in changes.items() if name != "api_base"}
        return replace(self, **changes, fallbacks=tuple(replace(each, **common) for each in self.fallbacks))

    @property
    def fallback_chain(self) -> tuple[ModelSettings, ...]:
        """This model and its fallbacks, in the order in which they are used."""
        return (self, *self.fallbacks)


FIELDS = tuple(field.name for field in fields(ModelSettings))


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    _require(parts.scheme in ("http", "https") and bool(parts.netloc), "api base", "http://... or https://...", address)
    if "@" in parts.netloc or redact(address) != address:
        raise UserError("api base: expected no user, password or key in the address; a run records it. Put keys into "
                        "the environment variable of the provider")  # fmt: skip


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _require(holds: bool, name: str, expected: str, got: object) -> None:
    if not holds:
        raise UserError(f"{name}: expected {expected}, got {got}")
