"""Reads the `models:` section of a YAML file, one entry per role, as `ModelSettings`.

An unknown key, or one that would hold a secret, is an error that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.models.model_registry import key_variable
from agents.models.settings import FIELDS, ROLES, ModelSettings, Price
from common.errors import UserError

_SECRET = {"key", "apikey", "token", "secret", "password"}


def parse_models(section: object, where: str) -> dict[str, ModelSettings]:
    """Models by role, for the roles that the section names.

    Args:
        where: the section's place, for messages.

    Raises:
        UserError: the section has an unknown role or key, or a value that its setting does not take.
    """
    models = _mapping(section, where, ROLES)
    return {role: _settings(entry, f"{where}.{role}", FIELDS) for role, entry in models.items()}


def _settings(entry: object, where: str, allowed: Sequence[str]) -> ModelSettings:
    values: dict[str, Any] = {"name": entry} if isinstance(entry, str) else dict(_mapping(entry, where, allowed))
    values = {key: value for key, value in values.items() if value is not None}
    if "name" not in values:
        raise UserError(f"{where}: expected a name, such as name: openai/gpt-5-mini")
    if "price" in values:
        values["price"] = _price(values["price"], f"{where}.price")
    if (fallbacks := values.get("fallbacks")) is not None:
        if not isinstance(fallbacks, list):
            raise UserError(f"{where}.fallbacks: expected a list of models, got {type(fallbacks).__name__}")
        inner = [name for name in FIELDS if name != "fallbacks"]
        values["fallbacks"] = tuple(_settings(each, f"{where}.fallbacks", inner) for each in fallbacks)
    try:
        return ModelSettings(**values)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def _price(entry: object, where: str) -> Price:
    values = _mapping(entry, where, ("prompt", "completion"))
    try:
        return Price.per_million(values["prompt"], values["completion"])
    except (KeyError, TypeError):
        raise UserError(f"{where}: expected prompt and completion, in US dollars per million tokens") from None


def _mapping(value: object, where: str, allowed: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected {', '.join(allowed)}, each with a value; got {type(value).__name__}")
    for key in value:
        if key not in allowed and _SECRET & set(str(key).lower().split("_")):
            raise UserError(
                f"{where}: {key} does not belong in a file; set {key_variable(str(value.get('name', '')))} "
                "in the environment"
            )
        if key not in allowed:
            raise UserError(f"{where}: unknown key {key}; expected {', '.join(allowed)}")
    return value
