"""The Markdown table in which prompts list architectures, one row each.

The first cell is the genotype as compact JSON, numbers are plain, and an empty cell means "not known". `parse_rows`
reads the rows that `format_rows` wrote, also from within a longer text. Vertical bars inside the JSON are not escaped,
because models copy what they see; the JSON parser finds where the first cell ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COST_COLUMNS = ("macs_m", "params_m", "paper_macs_m", "latency_ms")
COLUMNS = ("architecture", *COST_COLUMNS, "top1", "stderr", "verdict")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True)
class ArchitectureRow:
    """One architecture as an agent sees it."""

    genotype: dict[str, Any]
    macs_m: float
    params_m: float
    verdict: str
    """Why the row is shown: `evaluated`, `over limit`, `cost only`, ..."""
    paper_macs_m: float | None = None
    latency_ms: float | None = None
    top1: float | None = None
    stderr: float | None = None


def format_rows(rows: Iterable[ArchitectureRow]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rows:
        cells = [json.dumps(row.genotype, separators=(",", ":"))]
        cells += [_number(getattr(row, name)) for name in COLUMNS[1:-1]]
        lines.append("| " + " | ".join([*cells, row.verdict]) + " |")
    return "\n".join(lines)


def parse_rows(text: str) -> list[ArchitectureRow]:
    """Every row in `text` that `format_rows` could have written; other lines are skipped."""
    return [row for line in text.split("\n") if (row := _parse_row(line.strip()))]


def _parse_row(line: str) -> ArchitectureRow | None:
    if not line.startswith("| {"):
        return None
    try:
        genotype, end = _DECODER.raw_decode(line, 2)
        first, *cells, last = (cell.strip() for cell in line[end:].split("|"))
        values = [float(cell) if cell else None for cell in cells[:-1]]
    except (ValueError, RecursionError):
        return None
    if first or last or len(cells) != len(COLUMNS) - 1:
        return None
    numbers: dict[str, Any] = dict(zip(COLUMNS[1:-1], values, strict=True))
    if numbers["macs_m"] is None or numbers["params_m"] is None:
        return None
    return ArchitectureRow(genotype=genotype, verdict=cells[-1], **numbers)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
