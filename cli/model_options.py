"""Options that choose the models, and how each role's model follows from them, a file and the environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.models.settings import ModelSettings
from common.errors import UserError

if TYPE_CHECKING:
    from cli.run_file import RunFile

model_option = partial(typer.Option, rich_help_panel="Models")

LLM = Annotated[
    str | None,
    model_option(help="Model for every role: a litellm name, 'analyst' or 'local'; 'a,b' falls back to b if a fails."),
]
ApiBase = Annotated[str | None, model_option(help="Address of the model's server.")]
Stream = Annotated[
    bool, model_option("--stream/--no-stream", help="Show answers of hosted models as they are written.")
]

ReasoningEffort = Annotated[str | None, model_option(help="none, minimal, low, medium or high.")]
LocalPrompts = Annotated[
    str | None,
    model_option(help="Prompts of local:FILE: full or short; by default full if its size and context allow."),
]

Given = Mapping[str, Any]
"""Fields of `ModelSettings` to the value of an option, or None; `name` holds names as they were typed."""


def choose_model(given: Given) -> ModelSettings:
    """The one model of a command without roles: what a user named, or else the default model.

    Raises:
        UserError: an option that the model does not support.
    """
    from agents.models.model_registry import default_model

    asked = _present(given)
    settings = _settings(asked, None, default_model()[0])
    _require_support([settings], [asked])
    return settings


def choose_models(
    strategy: str, both: Given, each: Mapping[str, Given], file: RunFile | None
) -> tuple[dict[str, ModelSettings], str]:
    """Models by role, and the reason for them where no option names them.

    A model that an option names replaces the file's whole entry; other options change values of that entry.

    Raises:
        UserError: options that exclude each other, or that no chosen model supports.
    """
    from agents.models.model_registry import default_model
    from graph.strategies import get_strategy

    roles = get_strategy(strategy).roles
    in_file = file.models if file else {}
    if not roles and in_file:
        assert file is not None
        raise UserError(f"--strategy {strategy} uses no model: leave out the section models of {file.path}")
    if not roles and any(map(_present, (both, *each.values()))):
        raise UserError(f"--strategy {strategy} uses no model: leave out the options that choose models")
    if unused := [role for role, own in each.items() if role not in roles and _present(own)]:
        raise UserError(
            f"--strategy {strategy} uses a {' and a '.join(roles)} only: leave out the options of the {unused[0]}"
        )
    if not roles:
        return {}, ""
    asked = {role: {**_present(both), **_present(each.get(role, {}))} for role in roles}
    default, reason = default_model()
    models = {role: _settings(given, in_file.get(role), default) for role, given in asked.items()}
    _require_support(models.values(), asked.values())
    unnamed = [role for role, given in asked.items() if "name" not in given]
    if file and all(role in in_file for role in unnamed):
        reason = f"from {file.path}"
    return models, reason if unnamed else ""


def _require_support(models: Iterable[ModelSettings], asked: Iterable[Given]) -> None:
    names = [each.name for settings in models for each in settings.fallback_chain]
    options = sorted({name for given in asked for name in given if name != "name"})
    if unsupported := [_option(option) for option in options if not any(_supports(name, option) for name in names)]:
        raise UserError(
            f"{', '.join(unsupported)}: none of the selected models supports this option; "
            "name one that does, for example --llm ollama_chat/qwen3"
        )


def _settings(given: Given, in_file: ModelSettings | None, default: str) -> ModelSettings:
    changes = {name: value for name, value in given.items() if name != "name"}
    if "name" in given:
        return ModelSettings.named(given["name"]).changed(**changes)
    return (in_file or ModelSettings.named(default)).changed(**changes)


def _supports(model: str, option: str) -> bool:
    from agents.models.local.model_file import is_local
    from agents.models.model_registry import is_language_model, uses_litellm

    if option == "local_prompts":
        return is_local(model)
    return is_language_model(model) if option == "temperature" else uses_litellm(model)


def _present(given: Given) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
