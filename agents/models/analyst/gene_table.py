"""The search space as a prompt describes it: genes, their choices, and the conditions under which they act.

Everything is read from the Markdown table `| genes | choices | meaning |`, and an architecture becomes a row of choice
indices. Numbers separated by commas are steps of one quantity; words, and choices separated by slashes (`0 / 1 / 2`),
are names without order. This module knows neither the meaning of a gene nor any scores.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Choice = int | float | str
Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]

_LABEL = re.compile(r"(?P<name>[^\s\[\]]+)(?:\[(?P<index>\d+)\])?$")
_GATE = re.compile(r"(?P<label>\S+?)>=(?P<least>-?\d+(?:\.\d+)?)$")


@dataclass(frozen=True, kw_only=True)
class Gene:
    """One decision of an architecture."""

    label: str
    """Name and index as in the table, such as `ks[3]`."""
    name: str
    index: int | None
    """Position in the list of that name; None for a gene that is not in a list."""
    choices: tuple[Choice, ...]
    row: int
    """Line of the table."""
    gates: tuple[tuple[str, float], ...] = ()
    """Pairs of a gene label and a minimum value; the gene acts only if all these genes reach their minimum."""
    ordered: bool = True
    """Whether numbers are quantities; if not, they are only names."""

    @property
    def numeric(self) -> bool:
        """Whether the choices are steps of one quantity."""
        return self.ordered and self._numbers

    @property
    def smallest(self) -> int:
        """Index of the smallest number, also if numbers are only names; 0 for words."""
        return min(range(len(self.choices)), key=lambda c: float(self.choices[c])) if self._numbers else 0

    @property
    def _numbers(self) -> bool:
        return all(not isinstance(choice, str) for choice in self.choices)


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
    """The first table `| genes | choices | meaning |` in `text`; None if there is no usable one."""
    genes: list[Gene] = []
    meanings: list[str] = []
    for cells in _table_lines(text):
        ordered = " / " not in cells[1]
        choices = tuple(choice_of(part.strip()) for part in cells[1].split("," if ordered else " / "))
        for word in cells[0].split():
            label, *conditions = word.split(":")
            matched = _LABEL.match(label)
            gates = [_GATE.match(condition) for condition in conditions]
            if matched and all(gates):
                index = int(matched["index"]) if matched["index"] else None
                limits = tuple((gate["label"], float(gate["least"])) for gate in gates if gate)
                genes.append(
                    Gene(
                        label=label,
                        name=matched["name"],
                        index=index,
                        choices=choices,
                        row=len(meanings),
                        gates=limits,
                        ordered=ordered,
                    )
                )
        meanings.append(cells[2])
    known = {gene.label: gene for gene in genes}
    # A condition on anything but a numeric gene cannot be evaluated, so such a table is not usable.
    if not genes or not all(label in known and known[label].numeric for gene in genes for label, _ in gene.gates):
        return None
    return GeneTable(tuple(genes), tuple(meanings))


def _table_lines(text: str) -> list[list[str]]:
    lines: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells == ["genes", "choices", "meaning"]:
            inside = True
        elif inside and (len(cells) != 3 or not line.strip().startswith("|")):
            break
        elif inside and not set(cells[0]) <= set(":- "):
            lines.append(cells)
    return lines


def choice_of(word: str) -> Choice:
    """The value of a choice in a genotype: a number if the word is one, else the word."""
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
