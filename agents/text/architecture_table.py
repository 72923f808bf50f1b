"""The Markdown table in which prompts list architectures, one row each.

The first cell is the genotype as compact JSON, numbers are plain, and an empty cell means "not known". The caller
decides which costs have a column. `parse_rows` reads the rows that `format_rows` wrote, also from within a longer text.
Vertical bars inside the JSON are not escaped, because models copy what they see; the JSON parser finds where the first
cell ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BEFORE, _AFTER = ("architecture",), ("top1", "stderr", "verdict")
"""Columns before and after those of the costs."""
_KNOWN = ("macs_m", "params_m")
"""Costs that every row has."""
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True)
class ArchitectureRow:
    """One architecture as an agent sees it."""

    genotype: dict[str, Any]
    costs: Mapping[str, float | None]
    """Cost of each column, in the unit at the end of the column's name; None if it is not known."""
    verdict: str
    """Why the row is shown: `evaluated`, `over limit`, `cost only`, ..."""
    top1: float | None = None
    stderr: float | None = None


def format_rows(rows: Iterable[ArchitectureRow], costs: Sequence[str]) -> str:
    """A table with the cost columns `costs`, for each of which every row has a value or None."""
    columns = (*_BEFORE, *costs, *_AFTER)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        cells = [json.dumps(row.genotype, separators=(",", ":"))]
        cells += [_number(row.costs[name]) for name in costs]
        cells += [_number(row.top1), _number(row.stderr), row.verdict]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse_rows(text: str) -> list[ArchitectureRow]:
    """Every row in `text` that `format_rows` could have written under the header before it; other lines are skipped."""
    costs: tuple[str, ...] = ()
    rows = []
    for line in map(str.strip, text.split("\n")):
        if (found := _header(line)) is not None:
            costs = found
        elif row := _row(line, costs):
            rows.append(row)
    return rows


def _header(line: str) -> tuple[str, ...] | None:
    """The cost columns, if the line is the header of a table."""
    first, *names, last = (cell.strip() for cell in line.split("|")) if line.count("|") > 1 else ("-", "")
    ends = len(_BEFORE), len(names) - len(_AFTER)
    if first or last or (*names[: ends[0]], *names[ends[1] :]) != (*_BEFORE, *_AFTER):
        return None
    return tuple(names[ends[0] : ends[1]])


def _row(line: str, costs: Sequence[str]) -> ArchitectureRow | None:
    if not line.startswith("| {"):
        return None
    try:
        genotype, end = _DECODER.raw_decode(line, 2)
        first, *cells, last = (cell.strip() for cell in line[end:].split("|"))
        values = [float(cell) if cell else None for cell in cells[:-1]]
    except (ValueError, RecursionError):
        return None
    if first or last or len(cells) != len(costs) + len(_AFTER):
        return None
    figures = dict(zip(costs, values, strict=False))
    if any(figures.get(name) is None for name in _KNOWN):
        return None
    top1, stderr = values[len(costs) :]
    return ArchitectureRow(genotype=genotype, costs=figures, verdict=cells[-1], top1=top1, stderr=stderr)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
