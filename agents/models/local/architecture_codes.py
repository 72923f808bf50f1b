"""Architectures as short codes: one character per gene, one word per line of the gene table.

A small model writes about 60 tokens per second; an OFA genotype takes 140 tokens as JSON and 58 as a code. In codes
without words the model loses track of the position and repeats itself.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.models.analyst.gene_table import GeneTable, Indices

_DIGITS = string.digits + string.ascii_lowercase
"""Characters for the choices of a gene, in the order of the table."""


class ArchitectureCodes:
    """Translates genotypes of one search space to codes and back."""

    def __init__(self, table: GeneTable) -> None:
        self._table = table

    @property
    def length(self) -> int:
        """Characters of a code, with the space or quotation mark after each word."""
        return len(self._table.genes) + len(self._table.rows)

    def encode(self, genotype: Mapping[str, Any]) -> str | None:
        """The code of a genotype; None for a genotype of another space."""
        x = self._table.encode(genotype)
        return None if x is None else " ".join("".join(_DIGITS[x[g]] for g in row) for row in self._table.rows)

    def decode(self, code: str) -> dict[str, Any]:
        """The genotype of a code that matches `pattern`."""
        x: Indices = np.zeros(len(self._table.genes), dtype=np.int64)
        for row, word in zip(self._table.rows, code.split(), strict=True):
            x[row] = [_DIGITS.index(digit) for digit in word]
        return self._table.decode(x)

    def pattern(self, allowed: NDArray[np.bool_]) -> str:
        """Regular expression of the codes whose choices are all in `allowed`, shape (genes, choices)."""
        genes = [_one_of(np.flatnonzero(allowed[g, :size])) for g, size in enumerate(self._table.sizes)]
        words = ("".join(genes[g] for g in row) for row in self._table.rows)
        return "^" + " ".join(words) + "$"

    def legend(self) -> str:
        """The meaning of each word of a code, one line each."""
        lines = []
        for n, (row, meaning) in enumerate(zip(self._table.rows, self._table.meanings, strict=True), start=1):
            choices = self._table.genes[row[0]].choices
            lines.append(f"{n}. {meaning}: " + ", ".join(f"{_DIGITS[c]} is {v}" for c, v in enumerate(choices)))
        return "\n".join(lines)

    def seen(self, genotypes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
        """For each gene label, how many of `genotypes` have each choice."""
        found = [x for genotype in genotypes if (x := self._table.encode(genotype)) is not None]
        return {
            gene.label: {str(choice): sum(int(x[g]) == c for x in found) for c, choice in enumerate(gene.choices)}
            for g, gene in enumerate(self._table.genes)
        }


def _one_of(choices: Indices) -> str:
    digits = "".join(_DIGITS[c] for c in choices)
    return digits if len(digits) == 1 else f"[{digits}]"
