"""Summarises many finished rounds: the best and the worst rows, and the mean score of each choice.

Each round is read once, so a summary takes the same time after ten thousand architectures. The means are not corrected
for cost: expensive choices occur together with cheap ones, which only a fit can separate (`evidence.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING

from agents.roles.briefing import RoundBriefing
from agents.text.architecture_table import ArchitectureRow

if TYPE_CHECKING:
    from agents.models.analyst.gene_table import GeneTable, Matrix

SHOWN = 8
"""Number of best rows, and maximum number of worst rows."""


@dataclass(frozen=True, kw_only=True)
class RoundsSummary:
    """The summary of several rounds."""

    scored: int
    """Number of scored architectures."""
    best: list[ArchitectureRow]
    worst: list[ArchitectureRow]
    """Worst rows that are not among the best."""
    choices: str
    """Markdown table of the mean scores of choices, one line per gene."""


class RoundsSummarizer:
    """Summarises a growing list of rounds; rounds that it has read must not change."""

    def __init__(self, space_text: str) -> None:
        self._space_text = space_text
        self._read = 0
        self._scored: list[ArchitectureRow] = []
        self._statistics: _ChoiceStatistics | None = None

    def summarize(self, rounds: Sequence[RoundBriefing]) -> RoundsSummary:
        """The summary of `rounds`, which begin with the rounds of earlier calls."""
        for finished in rounds[self._read :]:
            self._scored += [row for row in finished.rows if row.top1 is not None]
        self._read = max(self._read, len(rounds))
        scored = self._scored
        best = nlargest(SHOWN, scored, key=_top1)
        worst = nsmallest(min(SHOWN, len(scored) - len(best)), scored, key=_top1)
        return RoundsSummary(scored=len(scored), best=best, worst=worst, choices=self._choices())

    def _choices(self) -> str:
        from agents.models.analyst.gene_table import parse_genes

        if self._statistics is None:
            if (table := parse_genes(self._space_text)) is None:
                return "Not known: the search space has no table of genes."
            self._statistics = _ChoiceStatistics(table)
        self._statistics.add(self._scored[self._statistics.rows :])
        return self._statistics.text()


class _ChoiceStatistics:
    """Number, mean and standard error of the scores with each choice, for genes that act."""

    def __init__(self, table: GeneTable) -> None:
        import numpy as np

        self.rows = 0
        self._table = table
        self._powers: Matrix = np.zeros((3, len(table.genes) * table.width))
        """Sums of 1, top1 and squared top1 for each one-hot cell."""

    def add(self, rows: Sequence[ArchitectureRow]) -> None:
        import numpy as np

        self.rows += len(rows)
        known = [(x, row.top1 or 0.0) for row in rows if (x := self._table.encode(row.genotype)) is not None]
        if known:
            top1 = np.array([score for _, score in known])
            hot = self._table.hot(np.array([x for x, _ in known]))
            self._powers += np.stack([top1**0, top1, top1**2]) @ hot

    def text(self) -> str:
        lines = ["| gene | choice: mean top1 +- standard error (architectures) |", "|---|---|"]
        shaped = self._powers.reshape(3, len(self._table.genes), self._table.width)
        for g, gene in enumerate(self._table.genes):
            cells = [_cell(choice, *shaped[:, g, c]) for c, choice in enumerate(gene.choices)]
            lines.append(f"| {gene.label} | {', '.join(cells)} |")
        return "\n".join(lines)


def _cell(choice: object, count: float, total: float, squares: float) -> str:
    if not count:
        return f"{choice}: none"
    mean = total / count
    error = f" +- {(max(squares / count - mean**2, 0) / (count - 1)) ** 0.5:.2f}" if count > 1 else ""
    return f"{choice}: {mean:.2f}{error} ({count:.0f})"


def _top1(row: ArchitectureRow) -> float:
    return row.top1 or 0.0
