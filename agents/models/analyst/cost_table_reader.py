"""Reads the cost tables of a prompt, so that costs need not be fitted to rows.

A table follows a line `- cost table: COLUMN`, in the form of `CostTable.describe` in `supernets/space/cost_table.py`. A
table with a remark before its first sentence is not read: it says that the figures of some entries do not count, so
their sum is only an upper bound. Neither is one that names genes that the gene table does not have.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.models.analyst.gene_table import GeneTable, Indices, Matrix
from agents.text.genes import choice_of

_START = re.compile(r"^- cost table: (\w+)$", re.MULTILINE)
_RULE = re.compile(r"To find .*?\(within ([\d.e-]+) ")
_REFERENCE = re.compile(r"Figures are for (\S+)=(\S+); for another, .*? \(within ([\d.e-]+) ")
_FIXED = re.compile(r"^Fixed part(?:: ([\d.]+\d)\.|, at (.*)\.)$")
_NAME = re.compile(r"(\w+)(?:\[([^\]]+)\])?(?:=(\S+))?")
_EACH = "for each "
_LEAST = 1e-9
"""Lower bound of a cost, whose logarithm is taken."""
_TYPICAL = 64
"""Random architectures whose mean cost is the typical one."""

_Choices = dict[str, str]
"""Label of a gene to its choice as text."""


@dataclass(frozen=True, kw_only=True)
class TableCost:
    """The cost of an architecture as the sum, or the largest, of terms that each need the choices of a few genes."""

    cells: Indices
    """One-hot cells of each term, shape (terms, most genes of a term), filled up with a cell that is always 1."""
    figures: Matrix
    """Cost of each term if all of its cells are 1, shape (terms,)."""
    largest: bool
    """Whether the cost is the largest term instead of the sum."""
    error: float
    """Relative error that the rounding of the text causes."""
    slopes: Matrix
    """Addition of each one-hot cell, relative to a typical cost."""

    def log_cost(self, hot: Matrix) -> Matrix:
        """Log cost of one-hot rows, shape (architectures,)."""
        present = np.hstack([hot, np.ones((len(hot), 1))])[:, self.cells].all(axis=2)
        costs = (present * self.figures).max(axis=1) if self.largest else present @ self.figures
        return np.asarray(np.log(np.maximum(costs, _LEAST)))


def read_cost_tables(text: str, table: GeneTable) -> dict[str, TableCost]:
    """The cost tables in the first message of a prompt, by column."""
    _, *parts = _START.split(text)
    found = {}
    for column, part in zip(parts[::2], parts[1::2], strict=True):
        if (cost := read_table(part.split("\n#", 1)[0].strip(), table)) is not None:
            found[column] = cost
    return found


def read_table(body: str, table: GeneTable) -> TableCost | None:
    """The cost that one table describes; None if it cannot be read, or is only an upper bound."""
    if not body.startswith("To find"):
        return None
    reader = _Reader(body, table)
    try:
        terms = list(reader.terms())
        error = reader.error()
    except (KeyError, ValueError, IndexError):
        return None
    most = max((len(cells) for cells, _ in terms), default=0)
    if not most:
        return None
    always = len(table.genes) * table.width
    # What a cell adds on average over the choices of the other genes of its terms.
    slopes = np.zeros(always)
    for cells, figure in terms:
        combinations = math.prod(len(table.genes[cell // table.width].choices) for cell in cells)
        for cell in cells:
            slopes[cell] += figure * len(table.genes[cell // table.width].choices) / combinations
    cost = TableCost(
        cells=np.array([[*cells, *[always] * (most - len(cells))] for cells, _ in terms], dtype=np.int64),
        figures=np.array([figure for _, figure in terms]),
        largest=reader.largest,
        error=error,
        slopes=slopes,
    )
    typical = float(np.exp(cost.log_cost(table.hot(table.random(np.random.default_rng(0), _TYPICAL))).mean()))
    return replace(cost, error=error / typical, slopes=slopes / typical)


class _Reader:
    """The terms of one table, each as its one-hot cells and its figure.

    Its methods raise a ValueError, KeyError or IndexError for a text of another form.
    """

    def __init__(self, body: str, table: GeneTable) -> None:
        self._lines = body.splitlines()
        self._table = table
        self.largest = "take the largest" in self._lines[0]
        reference = _REFERENCE.search(body)
        self._shared, self._at, self._within = reference.groups() if reference else ("", "", "")
        self._rule = _RULE.search(body)

    def error(self) -> float:
        """Largest error of a cost, in its unit."""
        if self._rule is None:
            raise ValueError("no error is stated")
        return float(self._within or self._rule[1])

    def terms(self) -> Iterator[tuple[list[int], float]]:
        columns: list[str] = []
        for line in self._lines:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if fixed := _FIXED.match(line):
                yield from self._fixed(*fixed.groups())
            elif cells[0] == "entries":
                columns = cells[1:]
            elif columns and line.startswith("| "):
                for free, pinned in _entries(cells[0]):
                    yield from self._row(free, pinned, dict(zip(columns, map(float, cells[1:]), strict=True)))

    def _fixed(self, alone: str | None, named: str | None) -> Iterator[tuple[list[int], float]]:
        if alone is not None:
            yield [], float(alone)
        for part in named.split(", ") if named is not None else ():
            choice, figure = part.split(": ")
            label, value = choice.split("=")
            yield [self._cell(label, value)], float(figure)

    def _row(
        self, free: Sequence[str], pinned: Mapping[str, str], cells: Mapping[str, float]
    ) -> Iterator[tuple[list[int], float]]:
        """The terms of one entry: for each choice of its free genes, and of the gene that has factors."""
        factors: dict[str, float] = {}
        for column, value in cells.items():
            if column.endswith(": x"):
                factors[column.removesuffix(": x").removeprefix(f"{self._shared}=")] = value
        for column, value in cells.items():
            if column.endswith(": x"):
                continue
            for choices, figure in self._column(column, free, value):
                chosen = {**pinned, **choices}
                if not factors:
                    yield self._cells(chosen), figure
                for at, factor in {self._at: 1.0, **factors}.items() if factors else ():
                    yield self._cells({**chosen, self._shared: at}), figure * factor

    def _column(self, column: str, free: Sequence[str], figure: float) -> Iterator[tuple[_Choices, float]]:
        """The choices that a column stands for, with their figures."""
        named, each, unit = column.partition(_EACH)
        genes = {self._table.genes[self._table.position[label]].name: label for label in free}
        if not each and "=" not in named:
            (label,) = free
            yield {label: column}, figure
            return
        pairs = [pair.split("=") for pair in named.rstrip(", ").split()]
        choices = {genes[name]: choice for name, choice in pairs} if len(genes) == len(free) else {}
        if len(genes) < len(free):  # two entries of one list, in the order of their labels
            choices = {label: choice for label, (_, choice) in zip(free, pairs, strict=True)}
        if not each:
            yield choices, figure
            return
        for choice in self._table.genes[self._table.position[genes[unit]]].choices:
            yield {**choices, genes[unit]: str(choice)}, figure * float(choice)

    def _cells(self, chosen: _Choices) -> list[int]:
        return [self._cell(label, choice) for label, choice in chosen.items()]

    def _cell(self, label: str, choice: str) -> int:
        g = self._table.position[label]
        return g * self._table.width + self._table.genes[g].choices.index(choice_of(choice))


def _entries(name: str) -> Iterator[tuple[list[str], _Choices]]:
    """For each entry of a row such as `w[1]=0 w[2] e[1..3]`: labels with columns, and pinned choices."""
    parts = _NAME.findall(name)
    expanded = [_labels(gene, indices) for gene, indices, _ in parts]
    for labels in itertools.zip_longest(*expanded):
        whole = [label or found[0] for label, found in zip(labels, expanded, strict=True)]
        pinned = {label: choice for label, (_, _, choice) in zip(whole, parts, strict=True) if choice}
        yield [label for label in whole if label not in pinned], pinned


def _labels(gene: str, indices: str) -> list[str]:
    if not indices:
        return [gene]
    labels = []
    for run in indices.split(", "):
        first, _, last = run.partition("..")
        labels += [f"{gene}[{i}]" for i in range(int(first), int(last or first) + 1)]
    return labels
