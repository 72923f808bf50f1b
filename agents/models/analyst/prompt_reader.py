"""Parses a prompt, which is all that the analyst sees.

It extracts the lines for programs (`- limit: macs_m <= 350`), the gene table, cost tables and tables of results; all
other text is ignored. Genes and cost tables are read from the first message only, and so are limits, unless a request
states those of its round. Of fenced text, which a
language model may have written, only the JSON block of the strategy is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.models.analyst.cost_table_reader import TableCost, read_cost_tables
from agents.models.analyst.gene_table import GeneTable, Indices, Matrix, parse_genes
from agents.text.architecture_table import COST_ONLY, EVALUATED, ArchitectureRow, parse_rows
from agents.text.compact_form import CompactForm
from agents.text.guidance import parse_guidance
from agents.text.prompt_templates import quoted, without_fenced
from agents.text.proposals import parse_answer
from common.errors import UserError

_LIMIT = re.compile(r"^- limit: (\w+) <= (\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$", re.MULTILINE)
_LIMITED = re.compile(r"^- limit: ", re.MULTILINE)
_REPAIR = re.compile(r"(?:- [\w ]+: \d+\n)*- attempt: \d+$", re.MULTILINE)
_ERROR = re.compile(r"^- error of a score: (\d+(?:\.\d+)?)", re.MULTILINE)
_EVALUATIONS = re.compile(r"^- evaluations: (\d+)(?: of (\d+))? used", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ObservedRows:
    """The rows of a prompt as arrays, one entry per architecture; of several rows the last counts."""

    x: Indices
    """Choice indices, shape (n, genes)."""
    costs: dict[str, Matrix]
    """Costs by column; nan if unknown."""
    top1: Matrix
    """Top-1 in percent; nan if not scored."""
    stderr: Matrix
    tested: NDArray[np.bool_]
    """Whether an architecture was proposed before; false for the rows that only show a cost."""

    def cost(self, column: str) -> Matrix:
        """One cost of each architecture; all nan for a column that no row has."""
        return self.costs.get(column, np.full(len(self.x), np.nan))


@dataclass(frozen=True, kw_only=True)
class ParsedPrompt:
    """The contents of a prompt that the analyst uses."""

    role: str
    """`navigator` or `generator`."""
    round: int
    wanted: int
    """Number of architectures that the Generator is asked for; 0 for a Navigator."""
    limits: tuple[tuple[str, float], ...]
    evaluations: int
    budget: int | None
    table: GeneTable
    rows: tuple[ArchitectureRow, ...]
    cost_tables: Mapping[str, TableCost] = field(default_factory=dict)
    """By cost column."""
    score_error: float | None = None
    """Standard error of a score of all images, in percentage points; None if it is not stated."""
    block: dict[str, Any]
    """JSON block of the strategy that the Generator received."""
    proposed: tuple[dict[str, Any], ...]
    """Genotypes that the Generator already sent in this conversation."""

    def observed(self) -> ObservedRows:
        """The rows whose genotype belongs to the search space, as arrays."""
        found: dict[bytes, tuple[Indices, ArchitectureRow]] = {}
        for row in self.rows:
            x = self.table.encode(row.genotype)
            if x is not None:
                found[x.tobytes()] = (x, row)
        rows = [row for _, row in found.values()]
        x = np.array([x for x, _ in found.values()], dtype=np.int64).reshape(len(rows), len(self.table.genes))
        columns = {column for row in rows for column in row.costs}
        costs = {column: _numbers([row.costs.get(column) for row in rows]) for column in columns}
        tested = np.array([row.verdict != COST_ONLY for row in rows], dtype=bool)
        return ObservedRows(
            x=x,
            costs=costs,
            top1=_numbers([r.top1 for r in rows]),
            stderr=_numbers([self.score_error if r.verdict == EVALUATED else r.stderr for r in rows]),
            tested=tested,
        )


def read_prompt(messages: Sequence[tuple[str, str]]) -> ParsedPrompt:
    """Parse `messages`, pairs of (`system`, `user` or `assistant`) and text.

    Raises:
        UserError: the prompt has no gene table.
    """
    first, last = messages[0][1], without_fenced(messages[-1][1])
    table = parse_genes(first)
    if table is None:
        raise UserError(
            "the analyst expected the search space as a Markdown table `| genes | choices | meaning |` in the first "
            "message of the prompt, found none. What to do: restore it in the prompts, or name a language model with "
            "--llm NAME."
        )
    wanted = _line("architectures wanted", last)
    texts = [without_fenced(text) for role, text in messages if role != "assistant"]
    form = CompactForm(table.genes)
    error = next((found for text in reversed(texts) if (found := _ERROR.search(text))), None)
    used = next((found for text in reversed(texts) if (found := _EVALUATIONS.search(text))), None)
    limited = next((text for text in reversed(texts) if _LIMITED.search(text)), "")
    answers = [text for role, text in messages if role == "assistant"]
    return ParsedPrompt(
        role="navigator" if wanted is None else "generator",
        round=_line("round", last) or 1,
        wanted=wanted or 0,
        limits=tuple((c, float(v)) for c, v in dict(_LIMIT.findall(limited)).items()),
        evaluations=int(used[1]) if used else 0,
        budget=int(used[2]) if used and used[2] else None,
        table=table,
        rows=tuple(row for text in texts for row in parse_rows(text, form)),
        cost_tables=read_cost_tables(first, table),
        score_error=float(error[1]) if error else None,
        block={} if wanted is None else parse_guidance(_strategy(messages)).block,
        proposed=() if wanted is None else tuple(g for text in answers for g in parse_answer(text).candidates),
    )


def _strategy(messages: Sequence[tuple[str, str]]) -> str:
    """The strategy that the Generator has to follow: quoted in its request, which repairs may follow.

    One model in both roles gets no quotation; its strategy is the answer before the request.
    """
    at = max((i for i, (role, text) in enumerate(messages) if role == "user" and not _REPAIR.match(text)), default=0)
    return quoted(messages[at][1]) or (messages[at - 1][1] if at > 1 else "")


def _line(name: str, text: str) -> int | None:
    found = re.search(rf"^- {name}: (\d+)\s*$", text, re.MULTILINE)
    return int(found[1]) if found else None


def _numbers(values: Sequence[float | None]) -> Matrix:
    return np.array([np.nan if value is None else value for value in values], dtype=float)
