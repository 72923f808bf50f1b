"""The file of `--config`: any options of `search`, limits and models, as YAML; or the `config.json` of a run.

Notable: its values become defaults of the options, so that an option on the command line goes before the file, and each
value must have the type of its option. As on the command line, a path is relative to the working directory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import typer

from cli.options import limit_parameter, objective_name
from common.errors import UserError, unknown_name
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings

_OF_COMMAND_LINE = ("config", "resume", "help", "install_completion", "show_completion")
"""Options that a file cannot have."""
_SECTIONS = ("limits", "models")
_LIMITS = [limit_parameter(column) for column in COST_KINDS]
_ROLES = ("navigator", "generator")


@dataclass(frozen=True)
class RunFile:
    """What a file has besides values of options."""

    path: Path
    models: Mapping[str, ModelSettings]


def use_run_file(context: typer.Context, path: Path | None) -> Path | None:
    """Callback of `--config`: makes the file's values defaults of the other options, and keeps its models in `obj`.

    Raises:
        UserError: the file cannot be read, or has an unknown key or a value that its option does not take.
    """
    if path is None or context.resilient_parsing:
        return path
    values, models, of_run = _read(path)
    values = {key: _limit_text(value, f"{path}: {key}") if key in _LIMITS else value for key, value in values.items()}
    names = {_key(parameter): str(parameter.name) for parameter in context.command.params}
    types = get_type_hints(context.command.callback)
    limits = _limits(values.pop("limits", None), path)
    if twice := sorted(limits.keys() & values.keys()):
        raise UserError(f"{path}: {twice[0]} and its limit in the section limits: expected one of them")
    allowed = sorted({*names, *_SECTIONS} - {*_OF_COMMAND_LINE})
    defaults: dict[str, Any] = {}
    for key, value in {**values, **limits}.items():
        if key not in allowed:
            if of_run:
                continue  # A run's configuration has all settings, also those that this command sets itself.
            raise UserError(f"{path}: {unknown_name('key', key, allowed)}")
        if value is not None:
            defaults[names[key]] = _checked(value, types[names[key]], f"{path}: {key}")
    context.default_map = defaults
    context.obj = RunFile(path, models)
    return path


def read_models(path: Path) -> Mapping[str, ModelSettings]:
    """The models of both roles in a YAML file with the section `models`, or with one model for both as `llm`.

    Raises:
        UserError: the file cannot be read, or has anything else.
    """
    from agents.models.settings import ModelSettings

    values, models, _ = _read(path)
    llm = values.pop("llm", None)
    if values or (llm is None) == (not models):
        sections = {"llm": llm is not None, "models": bool(models)}
        got = ", ".join(sorted({*values, *(name for name, given in sections.items() if given)})) or "nothing"
        raise UserError(
            f"{path}: expected models: with navigator and generator, or llm: NAME, and nothing else; got {got}"
        )
    if llm is not None:
        return dict.fromkeys(_ROLES, ModelSettings.named(str(_checked(llm, str, f"{path}: llm"))))
    if missing := [role for role in _ROLES if role not in models]:
        raise UserError(f"{path}: models: expected navigator and generator, found no {missing[0]}")
    return models


def _key(parameter: Any) -> str:
    """The key of an option: its long name with underscores."""
    longest: str = max(parameter.opts, key=len)
    return longest.lstrip("-").replace("-", "_")


def _checked(value: object, expected: Any, where: str) -> object:
    """`value` if it has the type of its option; a path is text in a file."""
    from pydantic import TypeAdapter, ValidationError

    from graph.config import expectation

    kind = str if Path in (expected, *get_args(expected)) else expected
    try:
        return TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        raise UserError(f"{where}: {expectation(error.errors()[0])}") from None


def _read(path: Path) -> tuple[dict[str, Any], dict[str, ModelSettings], bool]:
    """Values of options by key, models by role, and whether the file is the configuration of a run."""
    import yaml

    from agents.models.settings_file import parse_models

    try:
        text = path.read_text(encoding="utf-8-sig")
        content = _parsed(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UserError(f"cannot read the configuration in {path}: {error}; expected YAML") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected options, each with a value; got {type(content).__name__}")
    if "schema" in content:
        return *_of_run(text, path), True
    values = {str(key).replace("-", "_"): value for key, value in content.items()}
    if len(values) < len(content):
        raise UserError(f"{path}: a key is given twice, once with - and once with _; expected one of them")
    models = values.pop("models", None)
    return values, {} if models is None else parse_models(models, f"{path}: models"), False


def _parsed(text: str) -> Any:
    """The content of YAML 1.1 with the numbers of YAML 1.2: 1e3 is one, 010 is ten, 1:20 is text.

    Raises:
        YAMLError: the text is not YAML, or a mapping has a key twice.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_mapping_node(self, anchor: Any) -> Any:
            node = super().compose_mapping_node(anchor)
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"the key {key.value} twice", problem_mark=key.start_mark)
                seen.add(str(key.value))
            return node

        def decimal(self, node: Any) -> int:
            return int(self.construct_scalar(node))

    numbers = {
        "tag:yaml.org,2002:int": r"[-+]?[0-9]+$",
        "tag:yaml.org,2002:float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$",
    }
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in numbers]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for tag, pattern in numbers.items():
        Loader.add_implicit_resolver(tag, re.compile(pattern), list("-+.0123456789"))
    Loader.add_constructor("tag:yaml.org,2002:int", Loader.decimal)
    return yaml.load(text, Loader)


def _of_run(text: str, path: Path) -> tuple[dict[str, Any], dict[str, ModelSettings]]:
    """Values and models of a run's configuration, which names every setting; those with their defaults are left out."""
    from graph.config import Config

    config = Config.from_json(text, str(path))
    fields = Config.model_fields
    values = {name: value for name, value in dict(config).items() if value != fields[name].default}
    if sweep := values.pop("sweep", None):
        values["limits"] = {**values["limits"], **sweep}
    if objective := values.pop("objective", None):
        values["objective"] = objective_name(objective)
    return values, dict(values.pop("models", {}))


def _limits(section: object, path: Path) -> dict[str, Any]:
    """The section `limits` as options, by cost column."""
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise UserError(f"{path}: limits: expected cost columns, each with a number; got {type(section).__name__}")
    for column in section:
        if column not in COST_KINDS:
            raise UserError(f"{path}: limits: {unknown_name('cost', str(column), list(COST_KINDS))}")
    return {
        limit_parameter(column): _limit_text(value, f"{path}: limits: {column}") for column, value in section.items()
    }


def _limit_text(value: object, where: str) -> str | None:
    """A limit as its option takes it: a number, or several separated by commas."""
    numbers = value if isinstance(value, list | tuple) else [value]
    if value is None or isinstance(value, str):
        return value
    if not numbers or any(isinstance(each, bool) or not isinstance(each, int | float) for each in numbers):
        raise UserError(f"{where}: expected a number, or a list of numbers; got {value!r}")
    return ",".join(f"{each:.15g}" for each in numbers)
