"""Genotypes as people and models write them: checks that say what is wrong, and the JSON schemas of what is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def check_choice(problems: list[str], label: str, value: Any, choices: Sequence[Any]) -> Any:
    """The choice that equals `value` (3.0 is 3, true is not 1); None and a line in `problems` if there is none."""
    for choice in choices:
        if not isinstance(value, bool) and value == choice:
            return choice
    problems.append(f"{label}: expected one of {', '.join(map(str, choices))}; got {_short(value)}")
    return None


def check_list(problems: list[str], name: str, values: Any, choices: Sequence[Sequence[Any]]) -> list[Any]:
    """`check_choice` for each entry of a list that must be complete."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        problems.append(f"{name}: expected a list of {len(choices)} choices; got {_short(values)}")
        return []
    if len(values) != len(choices):
        problems.append(f"{name}: expected {len(choices)} entries, got {len(values)}")
    return [
        check_choice(problems, f"{name}[{i}]", value, allowed)
        for i, (value, allowed) in enumerate(zip(values, choices, strict=False))
    ]


def choices_schema(choices: Sequence[Any]) -> dict[str, Any]:
    kind = "string" if isinstance(choices[0], str) else "integer" if isinstance(choices[0], int) else "number"
    return {"type": kind, "enum": list(choices)}


def list_schema(choices: Sequence[Sequence[Any]], least: int | None = None) -> dict[str, Any]:
    """A list with one entry for each of `choices`; `least`: how many there must be, all of them if None."""
    schema = {"type": "array", "minItems": len(choices) if least is None else least, "maxItems": len(choices)}
    if len(set(map(tuple, choices))) == 1:
        return {**schema, "items": choices_schema(choices[0])}
    return {**schema, "prefixItems": [choices_schema(entry) for entry in choices], "items": False}


def architectures_schema(genotype: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    """`{"architectures": [...]}` with `low` to `high` of what `genotype` describes."""
    return {
        "type": "object",
        "properties": {"architectures": {"type": "array", "items": genotype, "minItems": low, "maxItems": high}},
        "required": ["architectures"],
        "additionalProperties": False,
    }


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
