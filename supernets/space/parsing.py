"""Checks of genotypes written by people and models, with errors for every problem, and JSON schemas of valid ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TypeGuard

from supernets.space.architecture import Dimension, acts

_QUOTED_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)


def unquote_numbers(value: Any) -> Any:
    """`value` with quoted numbers as numbers, `"208"` as 208, also in a list, because models write both."""
    if isinstance(value, list):
        return [unquote_numbers(item) for item in value]
    number = _QUOTED_NUMBER.fullmatch(value) if isinstance(value, str) else None
    if number is None:
        return value
    return float(value) if number[1] else int(value)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` is a list as genotypes have them, not a text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def unwrap_single(value: Any) -> Any:
    """The entry of a list of one, `[208]` as 208, for a gene that is no list; any other value unchanged."""
    return value[0] if is_list(value) and len(value) == 1 else value


def fill_unused(genotype: Mapping[str, Any], dimensions: Sequence[Dimension]) -> dict[str, Any]:
    """`genotype` with complete lists, where entries that do not act are null or left out; other values unchanged."""
    filled, values = dict(genotype), dict[str, Any]()
    genes = {gene: list(members) for gene, members in groupby(dimensions, key=lambda dimension: dimension.gene)}
    for gene, members in genes.items():
        given = filled.get(gene)
        if members[0].index is None:
            values[gene] = unwrap_single(given)
            continue
        if not is_list(given):
            continue
        try:
            acting = [acts(member, values) for member in members]
        except (KeyError, TypeError):  # An earlier gene has no such value, which is told when it is parsed.
            return filled
        if len(given) == sum(acting) < len(members):
            entries = iter(given)
            given = [next(entries) if on else None for on in acting]
        if len(given) == len(members):
            given = [
                min(m.choices) if value is None and not on else value
                for m, value, on in zip(members, given, acting, strict=True)
            ]
        filled[gene] = given
        values |= {member.label: value for member, value in zip(members, given, strict=False)}
    return filled


def check_choice(problems: list[str], label: str, value: Any, choices: Sequence[Any]) -> Any:
    """The choice that equals `value` (3.0 is 3, true is not 1); None and a problem if there is none."""
    for choice in choices:
        if not isinstance(value, bool) and value == choice:
            return choice
    problems.append(f"{label}: expected one of {', '.join(map(str, choices))}; got {_short(value)}")
    return None


def check_list(problems: list[str], name: str, values: Any, choices: Sequence[Sequence[Any]]) -> list[Any]:
    """The choices of a complete list, each by `check_choice`."""
    if not is_list(values):
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
    """JSON schema of a list with one entry for each of `choices`.

    Args:
        least: minimum number of entries; None if all are required.
    """
    schema = {"type": "array", "minItems": len(choices) if least is None else least, "maxItems": len(choices)}
    if len(set(map(tuple, choices))) == 1:
        return {**schema, "items": choices_schema(choices[0])}
    return {**schema, "prefixItems": [choices_schema(entry) for entry in choices], "items": False}


def architectures_schema(genotype: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    """JSON schema of `{"architectures": [...]}` with `low` to `high` genotypes of the schema `genotype`."""
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
