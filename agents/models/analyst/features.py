"""The regression features of both fits: contrasts of choices at three levels, and products of totals.

Contrasts exist for each gene, for the genes of one line of the table together, and for all genes of one name together,
so evidence from one block counts for the next one until more data separate them. A gene that does not act contributes
nothing. This module knows neither scores nor costs.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from agents.models.analyst.gene_table import GeneTable, Indices, Matrix
from agents.text.genes import Gene

_CURVATURE = 0.5
"""Prior scale of curved contrasts relative to the linear one, since most choices are steps of one quantity."""


def contrasts(gene: Gene) -> Matrix:
    """Orthogonal contrasts of a gene's choices with unit variance, shape (choices, choices - 1).

    They are linear, quadratic, ... for numbers, and an arbitrary basis that treats all choices alike for names.
    """
    k = len(gene.choices)
    if gene.numeric:
        values = np.array([float(choice) for choice in gene.choices])
        values = (values - values.mean()) / (values.std() or 1.0)
        basis = np.vander(values, k, increasing=True)
        scale = np.array([1.0] + [_CURVATURE] * (k - 2))
    else:
        basis = np.vander(np.linspace(-1, 1, k), k, increasing=True)
        scale = np.ones(k - 1)
    q = np.linalg.qr(basis)[0][:, 1:]
    q *= np.sqrt(k) * np.where(q[-1] < 0, -1.0, 1.0)
    return np.asarray(q * scale[: k - 1])


class Features:
    """Linear features of one-hot choices, in groups that share a prior variance."""

    def __init__(self, table: GeneTable) -> None:
        self.table = table
        self._contrasts = [contrasts(gene) for gene in table.genes]
        columns: list[Matrix] = []
        self.groups: list[str] = []
        for name, members in table.families.items():
            for level, parts in _levels(table, name, members):
                for part in parts:
                    for degree in range(max(len(table.genes[g].choices) for g in part) - 1):
                        columns.append(self._column(part, degree))
                        self.groups.append(level)
        self.columns = np.array(columns).reshape(len(columns), -1).T
        """Matrix from one-hot cells to features, shape (genes * width, features)."""

    def _column(self, genes: list[int], degree: int) -> Matrix:
        cells = np.zeros((len(self.table.genes), self.table.width))
        for g in genes:
            basis = self._contrasts[g]
            if degree < basis.shape[1]:
                cells[g, : len(basis)] = basis[:, degree]
        return cells.reshape(-1)

    @cached_property
    def _summed(self) -> dict[str, list[int]]:
        """The gene names whose choices are numbers, which alone have a total."""
        genes = self.table.genes
        return {
            name: members
            for name, members in self.table.families.items()
            if all(genes[g].numeric and len(genes[g].choices) > 1 for g in members)
        }

    @cached_property
    def totals(self) -> Matrix:
        """Linear total of the genes of each numeric name, with unit variance; shape (genes * width, names)."""
        columns = [self._column(genes, 0) / np.sqrt(len(genes)) for genes in self._summed.values()]
        return np.array(columns).reshape(len(columns), len(self.columns)).T

    @cached_property
    def pair_names(self) -> list[str]:
        """The columns of `pairs`, as `name*name`."""
        names = list(self._summed)
        return [f"{names[i]}*{names[j]}" for i, j in zip(*self._upper, strict=True)]

    @cached_property
    def _upper(self) -> tuple[Indices, Indices]:
        return np.triu_indices(len(self._summed))

    def pairs(self, hot: Matrix) -> Matrix:
        """Products of two totals, including squares; shape (architectures, pairs)."""
        totals = hot @ self.totals
        i, j = self._upper
        return np.asarray(totals[:, i] * totals[:, j])


def _levels(table: GeneTable, name: str, members: list[int]) -> list[tuple[str, list[list[int]]]]:
    levels = [(f"{name} gene", [[g] for g in members])]
    lines = [[g for g in line if g in members] for line in table.rows]
    lines = [line for line in lines if line]
    if 1 < len(lines) < len(members):
        levels.append((f"{name} line", lines))
    if len(members) > 1:
        levels.append((f"{name} all", [members]))
    return levels
