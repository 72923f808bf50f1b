"""Scores from a table of finished trainings.

Notable: a table file is a NumPy archive (`.npz`) with one member for each column and one row for each architecture, in
the order of `row_of`; only requested columns are read. Knows no family and no torch.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.evaluate.protocol import TableProtocol
from supernets.space.architecture import Architecture, Choice
from supernets.space.space import SearchSpace


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Top-1 and standard error of every architecture on one split, in percent."""

    top1: NDArray[np.float64]
    stderr: NDArray[np.float64]
    images: int
    meaning: str
    """Description of the split for the user, with its number of images."""

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.top1.tobytes() + self.stderr.tobytes()).hexdigest()


class TableEvaluator(Evaluator):
    """Looks up scores; `evaluate` and `report` read different columns."""

    protocol: TableProtocol
    instant = True

    def __init__(
        self, *, space: SearchSpace, dataset: str, epochs: int, search: Scores, report: Scores, error: str
    ) -> None:
        """
        Args:
            error: the source of the standard errors, `images` or `seeds`.
        """
        self._row = row_of(space)
        # Lists, because reading one number from an array takes longer than the rest of a look-up.
        self._search, self._report = (
            (scores.top1.tolist(), scores.stderr.tolist(), scores.images) for scores in (search, report)
        )
        self.protocol = TableProtocol(
            supernet=space.name,
            search_images=search.images,
            report_images=report.images,
            table=hashlib.sha256((search.hash + report.hash).encode()).hexdigest(),
            dataset=dataset,
            epochs=epochs,
            search=search.meaning,
            report=report.meaning,
            error=error,
        )

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return (self._score(a, *self._search) for a in archs)

    def report(self, a: Architecture) -> Evaluation:
        return self._score(a, *self._report)

    @property
    def everything(self) -> tuple[list[float], list[float]]:
        """Search and report top-1 of every architecture of the space, in the same order."""
        return self._search[0], self._report[0]

    def _score(self, a: Architecture, top1: list[float], stderr: list[float], images: int) -> Evaluation:
        row = self._row(a)
        return Evaluation(a, top1[row], stderr[row], images, 0.0, self.protocol.id)


def row_of(space: SearchSpace) -> Callable[[Architecture], int]:
    """The row of an architecture with one list gene: its choices are digits, and the last entry changes fastest."""
    gene = space.dimensions[0].gene
    rows = {genes: row for row, genes in enumerate(_in_order(space))}
    return lambda a: rows[a[gene]]


def at_row(space: SearchSpace) -> Callable[[int], Architecture]:
    """The inverse of `row_of`."""
    gene, rows = space.dimensions[0].gene, list(_in_order(space))
    return lambda row: space.parse({gene: list(rows[row])})


def _in_order(space: SearchSpace) -> Iterator[tuple[Choice, ...]]:
    return product(*(dimension.choices for dimension in space.dimensions))


def read_columns(path: Path, names: Sequence[str], rows: int) -> list[NDArray[np.int64]]:
    """Columns of a table file, each with `rows` integers.

    Raises:
        UserError: the file is missing or damaged, or is another table.
    """
    try:
        with np.load(path, allow_pickle=False) as table:
            columns = [np.asarray(table[name], dtype=np.int64) for name in names]
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        reason = f"no column {error.args[0]}" if isinstance(error, KeyError) else str(error)
        raise UserError(
            f"table {path}: cannot be read ({reason}); it is part of the program: install or check it out again"
        ) from None
    if any(column.shape != (rows,) for column in columns):
        raise UserError(f"table {path}: expected {rows} rows in each column; install or check out the program again")
    return columns
