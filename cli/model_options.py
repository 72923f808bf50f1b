"""Which model speaks in which role, and how it is asked: options, before a file, before the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from common.errors import UserError

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings

ApiBase = Annotated[str | None, typer.Option(help="Address of the model's server.", rich_help_panel="Models")]

Given = Mapping[str, Any]
"""Fields of `ModelSettings` to what an option gave, or None; `name` holds names as they were typed."""


def choose_models(
    strategy: str, both: Given, each: Mapping[str, Given], file: Path | None
) -> tuple[dict[str, ModelSettings], str]:
    """By role, and why where an option does not say it.

    A model that an option names takes the place of the file's whole entry; other options change what stands there.

    Raises:
        UserError: options that do not go together, or a bad file.
    """
    from agents.models.model_registry import default_model
    from graph.strategies import get_strategy

    roles = get_strategy(strategy).roles
    if not roles and (file or any(map(_present, (both, *each.values())))):
        raise UserError(f"--strategy {strategy} asks no model: leave out the options about models")
    if idle := [role for role, own in each.items() if role not in roles and _present(own)]:
        raise UserError(f"--strategy {strategy} asks a {' and a '.join(roles)}: leave out options of the {idle[0]}")
    if not roles:
        return {}, ""
    asked = {role: {**_present(both), **_present(each[role])} for role in roles}
    in_file = _from_file(file)
    default, reason = default_model()
    models = {role: _settings(given, in_file.get(role), default) for role, given in asked.items()}
    fallback_chain = [each.name for settings in models.values() for each in settings.fallback_chain]
    options = sorted({name for given in asked.values() for name in given if name != "name"})
    if idle := [_option(name) for name in options if not any(_heeds(speaker, name) for speaker in fallback_chain)]:
        raise UserError(
            f"{', '.join(idle)}: no model is asked that heeds it; name one, for example --llm ollama_chat/qwen3"
        )
    unnamed = [role for role, given in asked.items() if "name" not in given]
    if all(role in in_file for role in unnamed):
        reason = f"from {file}" if unnamed else ""
    return models, reason


def _settings(given: Given, in_file: ModelSettings | None, default: str) -> ModelSettings:
    from agents.models.settings import ModelSettings

    changes = {name: value for name, value in given.items() if name != "name"}
    if "name" in given:
        return ModelSettings.named(given["name"]).changed(**changes)
    return (in_file or ModelSettings.named(default)).changed(**changes)


def _from_file(file: Path | None) -> dict[str, ModelSettings]:
    if file is None:
        return {}
    from agents.models.settings_file import read_models

    return read_models(file)


def _heeds(model: str, option: str) -> bool:
    from agents.models.model_registry import is_language_model, uses_litellm

    return is_language_model(model) if option == "temperature" else uses_litellm(model)


def _present(given: Given) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
