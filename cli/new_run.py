"""The configuration of a new run, from what a user named and from defaults, with the reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from cli.model_options import choose_models
from cli.options import (
    absolute,
    check_images,
    device_or_file,
    from_file,
    from_user,
    limit_parameter,
    objective_column,
    on_command_line,
    read_limit,
)
from common.errors import UserError
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config

DEFAULT_REASONS = {
    "weights": "bundled, because none were named",
    "images": "bundled, because none were named",
    "dataset": "the first, because none was named",
    "epochs": "the default",
    "race_error": "the default",
    "evaluations": "the default",
    "seed": "the default",
}
"""Why a setting has its value when the user did not give one."""


_PATHS = ("weights", "images", "imagenet", "predictor", "prompts", "labels")


def new_config(context: typer.Context, options: Mapping[str, Any]) -> tuple[Config, SettingReasons]:
    """The configuration of a new run, and why its settings have their values.

    Args:
        options: values of options, whose names are those of the settings.

    Raises:
        UserError: options that do not go together.
    """
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from supernets.families.own_families import absolute_name
    from supernets.families.registry import predicted_name

    check_images(context, options["images"], options["imagenet"])
    if options["score"] not in ("measured", "predictor"):
        raise UserError(f"--score: expected measured or predictor, got {options['score']!r}")
    if options["fidelity"] != "race" and from_user(context, "race_error"):
        raise UserError("--race-error only applies with --fidelity race: add it, or leave --race-error out")
    supernet = absolute_name(options["supernet"])
    if options["score"] == "predictor":
        supernet = predicted_name(supernet)
    models, model_reason = _models(context, options)
    if options["disguise"] and not models:
        raise UserError(
            f"--disguise hides names from language models, --strategy {options['strategy']} uses none; leave it out"
        )
    if options["target"] is not None and options["target"] <= 1:
        raise UserError(
            f"--target: expected percent, such as 75, got {options['target']:g}; for a share of {options['target']:g} "
            f"write --target {100 * options['target']:g}"
        )
    limits, limit_reason = _limits(supernet, options)
    device, device_reason = _device(supernet, options)
    settings = {name: options[name] for name in Config.model_fields if name in options}
    if not from_user(context, "per_round"):
        del settings["per_round"]
    paths = {name: absolute(options[name]) for name in _PATHS}
    objective = None if options["objective"] is None else objective_column(options["objective"])
    resolved = {
        "supernet": supernet, "limits": limits, "objective": objective, "models": models, "device": device,
    }  # fmt: skip
    timed = {"latency_device": device_or_file(options["latency_device"])}
    config = Config(**{**settings, **paths, **resolved, **timed})

    reasons = {name: f"from {options['config_file']}" for name in options if from_file(context, name)}
    reasons |= {"limits": limit_reason, "models": model_reason, "device": device_reason or reasons.get("device", "")}
    reasons |= {name: reason for name, reason in DEFAULT_REASONS.items() if not from_user(context, name)}
    if options["imagenet"]:
        del reasons["images"]
    return config, SettingReasons({name: reason for name, reason in reasons.items() if reason})


def _models(context: typer.Context, options: Mapping[str, Any]) -> tuple[dict[str, ModelSettings], str]:
    from graph.strategies import get_strategy

    values = ("temperature", "api_base", "reasoning_effort", "local_prompts")
    both = {"name": options["llm"]} | {name: options[name] for name in values}
    each = {
        role: {"name": options[f"{role}_llm"], "temperature": options[f"{role}_temperature"]}
        for role in ("navigator", "generator")
    }
    file = context.obj
    # A strategy named on the command line goes before that of the file, whose models are then of no use to it.
    if on_command_line(context, "strategy") and not get_strategy(options["strategy"]).roles:
        file = None
    return choose_models(options["strategy"], both, each, file)


def _device(supernet: str, options: Mapping[str, Any]) -> tuple[str | None, str]:
    """The device to score on, and the reason where the user named none."""
    from supernets.families.registry import get_family

    asked: str | None = options["device"]
    if options["workers"] is None and options["ray"] is None:
        return get_family(supernet).device(asked)
    # Only the workers know which devices they have.
    return asked, "" if asked else "the fastest that the workers have"


def _limits(supernet: str, options: Mapping[str, Any]) -> tuple[dict[str, float | list[float]], str]:
    """Limits by cost column, and the reason where the user named none."""
    from supernets.families.registry import get_family

    named = {column: options[limit_parameter(column)] for column in COST_KINDS}
    limits = {
        column: read_limit(text, f"--{limit_parameter(column).replace('_', '-')}")
        for column, text in named.items()
        if text is not None
    }
    if limits or options["objective"] is not None:
        return limits, ""
    return dict(get_family(supernet).default_limits), f"the default for {supernet}"
