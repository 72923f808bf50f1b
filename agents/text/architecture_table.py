"""The Markdown table in which prompts list architectures, one row each.

A row has the id, the cells of the genotype in compact form (`compact_form.py`), costs and the score. The caller decides
which costs have a column; an empty cell means "not known". `parse_rows` reads the rows that `format_rows` wrote, also
from within a longer text, if it knows the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.text.compact_form import CompactForm

COST_ONLY, EVALUATED, OVER_LIMIT = "cost only", "evaluated", "over limit"
_ID, _SCORE = "id", "top1"
_STOPPED = re.compile(r"~(?P<top1>\d+(?:\.\d+)?) \+- (?P<stderr>\d+(?:\.\d+)?) \((?P<verdict>stopped at \d+ images)\)")


@dataclass(frozen=True, kw_only=True)
class ArchitectureRow:
    """One architecture as an agent sees it."""

    genotype: dict[str, Any]
    costs: Mapping[str, float | None]
    """Cost of each column, in the unit at the end of the column's name; None if it is not known."""
    verdict: str
    """Why the row is shown: `evaluated`, `over limit`, `cost only`, or `stopped at N images`."""
    id: str = ""
    """Round and place in it, such as `2.7`; empty for an architecture that was not proposed."""
    top1: float | None = None
    stderr: float | None = None


def format_rows(rows: Iterable[ArchitectureRow], form: CompactForm, costs: Mapping[str, int]) -> str:
    """A table with the cost columns `costs`, each with its decimals, for which every row has a cost or None."""
    columns = (_ID, *form.columns, *costs, _SCORE)
    lines = [_line(columns), "|" + "---|" * len(columns)]
    for row in rows:
        figures = [_number(row.costs[name], digits) for name, digits in costs.items()]
        lines.append(_line((row.id, *form.cells(row.genotype), *figures, _score(row))))
    return "\n".join(lines)


def parse_rows(text: str, form: CompactForm) -> list[ArchitectureRow]:
    """Every row in `text` that `format_rows` could have written under the header before it; other lines are skipped."""
    costs: Sequence[str] | None = None
    rows = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().split("|")[1:-1]]
        if not cells:
            costs = None
        elif (found := _header(cells, form)) is not None:
            costs = found
        elif costs is not None and (row := _row(cells, form, costs)):
            rows.append(row)
    return rows


def _header(cells: Sequence[str], form: CompactForm) -> Sequence[str] | None:
    """The cost columns, if the cells are the header of a table of this form."""
    before = (_ID, *form.columns)
    if len(cells) <= len(before) or tuple(cells[: len(before)]) != before or cells[-1] != _SCORE:
        return None
    return cells[len(before) : -1]


def _row(cells: Sequence[str], form: CompactForm, costs: Sequence[str]) -> ArchitectureRow | None:
    genes = len(form.columns)
    if len(cells) != 1 + genes + len(costs) + 1:
        return None
    genotype = form.read(cells[1 : 1 + genes])
    try:
        figures = [float(cell) if cell else None for cell in cells[1 + genes : -1]]
        verdict, top1, stderr = _read_score(cells[-1])
    except ValueError:
        return None
    if genotype is None:
        return None
    return ArchitectureRow(
        id=cells[0],
        genotype=genotype,
        costs=dict(zip(costs, figures, strict=True)),
        verdict=verdict,
        top1=top1,
        stderr=stderr,
    )


def _score(row: ArchitectureRow) -> str:
    if row.top1 is None:
        return row.verdict if row.verdict == OVER_LIMIT else ""
    if row.verdict == EVALUATED:
        return f"{row.top1:.2f}"
    return f"~{row.top1:.1f} +- {row.stderr or 0:.1f} ({row.verdict})"


def _read_score(cell: str) -> tuple[str, float | None, float | None]:
    """The verdict, the score and its own error, which only a score on fewer images has."""
    if not cell:
        return COST_ONLY, None, None
    if cell == OVER_LIMIT:
        return OVER_LIMIT, None, None
    if stopped := _STOPPED.fullmatch(cell):
        return stopped["verdict"], float(stopped["top1"]), float(stopped["stderr"])
    return EVALUATED, float(cell), None


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
