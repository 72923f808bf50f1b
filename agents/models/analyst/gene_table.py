"""The genes of a search space for numerical methods: an architecture becomes a row of choice indices.

This module knows neither the meaning of a gene nor any scores.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.text.genes import Gene, read_genes

Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class GeneTable:
    """All genes of a search space."""

    genes: tuple[Gene, ...]
    """Genes in the order of the table."""
    meanings: tuple[str, ...]
    """Meaning of each line of the table."""

    @cached_property
    def width(self) -> int:
        """Maximum number of choices of a gene."""
        return max(len(gene.choices) for gene in self.genes)

    @cached_property
    def sizes(self) -> Indices:
        """Number of choices of each gene."""
        return np.array([len(gene.choices) for gene in self.genes])

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each gene by its label."""
        return {gene.label: g for g, gene in enumerate(self.genes)}

    @cached_property
    def rows(self) -> list[list[int]]:
        """Positions of the genes of each line of the table."""
        lines: list[list[int]] = [[] for _ in self.meanings]
        for g, gene in enumerate(self.genes):
            lines[gene.row].append(g)
        return lines

    @cached_property
    def families(self) -> dict[str, list[int]]:
        """Positions of the genes that share a name, by that name."""
        found: dict[str, list[int]] = {}
        for g, gene in enumerate(self.genes):
            found.setdefault(gene.name, []).append(g)
        return found

    @cached_property
    def _gates(self) -> list[tuple[int, int, Matrix]]:
        return [
            (g, self.position[label], np.array([float(c) >= least for c in self.genes[self.position[label]].choices]))
            for g, gene in enumerate(self.genes)
            for label, least in gene.gates
        ]

    @cached_property
    def _smallest(self) -> Indices:
        return np.array([gene.smallest for gene in self.genes])

    def encode(self, genotype: Mapping[str, Any]) -> Indices | None:
        """Canonical choice indices of a genotype; None for a genotype of another space.

        Lists may omit entries at their end that do not act.
        """
        x, missing = self._smallest.copy(), np.zeros(len(self.genes), dtype=bool)
        for g, gene in enumerate(self.genes):
            value = genotype.get(gene.name)
            if gene.index is not None:
                if not isinstance(value, list):
                    return None
                if gene.index >= len(value):
                    missing[g] = True
                    continue
                value = value[gene.index]
            if isinstance(value, bool) or value not in gene.choices:
                return None
            x[g] = gene.choices.index(value)
        if np.any(self.acting(x[None])[0] & missing):
            return None
        return np.asarray(self.canonical(x[None])[0])

    def decode(self, x: Indices) -> dict[str, Any]:
        """The genotype of one row of choice indices."""
        genotype: dict[str, Any] = {}
        for gene, choice in zip(self.genes, x, strict=True):
            value = gene.choices[int(choice)]
            if gene.index is None:
                genotype[gene.name] = value
            else:
                entries = genotype.setdefault(gene.name, [])
                # The table may name the entries of a list in any order, so the list grows as needed.
                entries.extend([value] * (gene.index + 1 - len(entries)))
                entries[gene.index] = value
        return genotype

    def acting(self, x: Indices) -> NDArray[np.bool_]:
        """Which genes act, in the shape of `x`: (architectures, genes)."""
        acts = np.ones(x.shape, dtype=bool)
        for g, gate, opens in self._gates:
            acts[:, g] &= opens[x[:, gate]]
        return acts

    def canonical(self, x: Indices) -> Indices:
        """`x` with the smallest choice for genes that do not act, so that equal networks are equal rows."""
        return np.asarray(np.where(self.acting(x), x, self._smallest))

    def random(self, rng: np.random.Generator, count: int) -> Indices:
        """`count` canonical architectures with uniformly random genes."""
        return self.canonical(rng.integers(self.sizes, size=(count, len(self.genes))))

    def hot(self, x: Indices) -> Matrix:
        """One-hot choices of the acting genes, shape (architectures, genes * width)."""
        cells = np.zeros((len(x), len(self.genes), self.width))
        n, g = np.nonzero(self.acting(x))
        cells[n, g, x[n, g]] = 1.0
        return cells.reshape(len(x), len(self.genes) * self.width)

    def mark(self, x: Indices) -> str:
        """Six hexadecimal digits that identify an architecture where its genotype would be too long."""
        return f"{zlib.crc32(json.dumps([int(choice) for choice in x]).encode()) & 0xFFFFFF:06x}"


def parse_genes(text: str) -> GeneTable | None:
    """The genes of the first table `| genes | choices | meaning |` in `text`; None if there is no usable one."""
    found = read_genes(text)
    return None if found is None else GeneTable(found.genes, found.meanings)
