"""Summarises finished rounds: best and worst rows, the mean score of each choice, pairs that differ in one gene.

Each round is read once, so a summary takes the same time after ten thousand architectures. The means are not corrected
for cost: expensive choices occur together with cheap ones, which only a fit can separate (`evidence.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING

from agents.roles.briefing import RoundBriefing
from agents.text.architecture_table import ArchitectureRow

if TYPE_CHECKING:
    from agents.models.analyst.gene_table import GeneTable, Indices, Matrix

SHOWN = 8
"""Number of best rows, and maximum number of worst rows and of pairs."""
_CLEAR = 1.5
"""Smallest difference between two means of a gene that is shown, in standard errors of the difference."""


@dataclass(frozen=True, kw_only=True)
class RoundsSummary:
    """The summary of several rounds."""

    scored: int
    """Number of scored architectures."""
    best: list[ArchitectureRow]
    worst: list[ArchitectureRow]
    """Worst rows that are not among the best."""
    choices: str
    """Mean scores of choices, one line per gene."""
    pairs: str
    """Pairs of an architecture of the last round and any other that differ in one gene, one line each."""


class RoundsSummarizer:
    """Summarises a growing list of rounds; rounds that it has read must not change."""

    def __init__(self, space_text: str) -> None:
        self._space_text = space_text
        self._read = 0
        self._last = 0
        """Number of scored rows before the last round."""
        self._scored: list[ArchitectureRow] = []
        self._statistics: _ChoiceStatistics | None = None

    def summarize(
        self, rounds: Sequence[RoundBriefing], eligible: Callable[[ArchitectureRow], bool] = lambda row: True
    ) -> RoundsSummary:
        """The summary of `rounds`, which begin with the rounds of earlier calls.

        Args:
            eligible: which rows may be among the best.
        """
        for finished in rounds[self._read :]:
            self._last = len(self._scored)
            self._scored += [row for row in finished.rows if row.top1 is not None]
        self._read = max(self._read, len(rounds))
        scored = self._scored
        best = nlargest(SHOWN, filter(eligible, scored), key=_top1)
        worst = nsmallest(min(SHOWN, len(scored) - len(best)), scored, key=_top1)
        statistics = self._statistics_of_all()
        return RoundsSummary(
            scored=len(scored),
            best=best,
            worst=worst,
            choices=statistics.choices(),
            pairs=statistics.pairs(self._last),
        )

    def _statistics_of_all(self) -> _ChoiceStatistics:
        from agents.models.analyst.gene_table import parse_genes

        if self._statistics is None:
            table = parse_genes(self._space_text)
            assert table is not None  # a briefing requires one
            self._statistics = _ChoiceStatistics(table)
        self._statistics.add(self._scored[self._statistics.read :])
        return self._statistics


class _ChoiceStatistics:
    """Number and mean of the scores with each choice, for genes that act, and pairs of scored architectures."""

    def __init__(self, table: GeneTable) -> None:
        import numpy as np

        self.read = 0
        """Number of rows that were added, whether or not they belong to the space."""
        self._table = table
        self._sums: Matrix = np.zeros((2, len(table.genes) * table.width))
        """Sums of 1 and of top1 for each one-hot cell."""
        self._rows: list[tuple[int, Indices, ArchitectureRow]] = []
        """Number of the row, its choice indices, and the row."""

    def add(self, rows: Sequence[ArchitectureRow]) -> None:
        import numpy as np

        known = [
            (self.read + i, x, row) for i, row in enumerate(rows) if (x := self._table.encode(row.genotype)) is not None
        ]
        self.read += len(rows)
        if known:
            top1 = np.array([row.top1 or 0.0 for _, _, row in known])
            self._sums += np.stack([top1**0, top1]) @ self._table.hot(np.array([x for _, x, _ in known]))
            self._rows += known

    def choices(self) -> str:
        counts, totals = self._sums.reshape(2, len(self._table.genes), self._table.width)
        lines, unknown = [], []
        for g, gene in enumerate(self._table.genes):
            tried = counts[g] > 0
            if len(gene.choices) < 2:
                continue
            if not self._differ(counts[g, tried], totals[g, tried]):
                unknown.append(gene.label)
                continue
            means = [_mean(choice, counts[g, c], totals[g, c]) for c, choice in enumerate(gene.choices)]
            lines.append(f"{gene.label}: {', '.join(means)}")
        if unknown:
            lines.append(f"No clear difference: {' '.join(unknown)}")
        return "\n".join(lines)

    def _differ(self, counts: Matrix, totals: Matrix) -> bool:
        """Whether the highest and the lowest mean of a gene differ clearly, by the error of the difference."""
        import numpy as np

        if len(counts) < 2:
            return False
        means = totals / counts
        high, low = int(means.argmax()), int(means.argmin())
        spread = float(np.std([row.top1 or 0.0 for _, _, row in self._rows]))
        return bool(means[high] - means[low] > _CLEAR * spread * (1 / counts[high] + 1 / counts[low]) ** 0.5)

    def pairs(self, start: int) -> str:
        """The pairs with a row from number `start` on, those with the largest differences of top1 first."""
        import numpy as np

        if not self._rows:
            return ""
        x = np.array([x for _, x, _ in self._rows])
        found: list[tuple[float, str]] = []
        for i, (number, _, row) in enumerate(self._rows):
            if number < start:
                continue
            for j in np.flatnonzero((x[:i] != x[i]).sum(axis=1) == 1):
                found.append(self._pair(self._rows[j][2], row, x[j], x[i]))
        return "\n".join(line for _, line in sorted(found, key=lambda pair: -pair[0])[:SHOWN])

    def _pair(self, one: ArchitectureRow, other: ArchitectureRow, x: Indices, y: Indices) -> tuple[float, str]:
        """The size of a pair's difference, and the line that tells it."""
        (g,) = (x != y).nonzero()[0]
        gene = self._table.genes[g]
        change = _top1(other) - _top1(one)
        line = f"{gene.label} {gene.choices[x[g]]} to {gene.choices[y[g]]}: {change:+.2f} ({one.id} to {other.id})"
        return abs(change), line


def _mean(choice: object, count: float, total: float) -> str:
    return f"{choice} {total / count:.2f} ({count:.0f})" if count else f"{choice} none"


def _top1(row: ArchitectureRow) -> float:
    return row.top1 or 0.0
