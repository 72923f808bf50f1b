"""The compact form in which prompts show architectures: one cell for each gene name instead of JSON.

Choices of one character are written without separators, in fours when there are many (`5533 533-`), others with spaces
between them (`skip 3x3 none`). `-` stands for an entry that does not act. Genes with a single choice are left out. The
form depends only on the gene table, so whoever has read the same table can read it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from agents.text.genes import Gene, choice_of

IDLE = "-"
"""An entry that does not act."""
_UNGROUPED, _GROUP = 6, 4
"""Most characters without a space between groups, and characters of a group."""


class CompactForm:
    """Writes and reads the cells of architectures of one search space."""

    def __init__(self, genes: Sequence[Gene]) -> None:
        self._families: dict[str, list[Gene]] = {}
        for gene in sorted(genes, key=lambda gene: gene.index or 0):
            self._families.setdefault(gene.name, []).append(gene)
        order = dict.fromkeys(gene.name for gene in genes)
        self.columns = tuple(name for name in order if any(len(gene.choices) > 1 for gene in self._families[name]))
        """Names of the genes that have a cell, in the order of the gene table."""

    def cells(self, genotype: Mapping[str, Any]) -> list[str]:
        """The cells of a genotype, one for each of `columns`."""
        values = self._values(genotype)
        return [self._cell(self._families[name], values) for name in self.columns]

    def read(self, cells: Sequence[str]) -> dict[str, Any] | None:
        """The genotype of cells, with the smallest choice for entries that do not act; None if they are no genotype."""
        if len(cells) != len(self.columns):
            return None
        found: dict[str, Any] = {}
        written = dict(zip(self.columns, cells, strict=True))
        for name, members in self._families.items():
            entries = self._entries(name, written[name]) if name in written else [IDLE] * len(members)
            if len(entries) != len(members):
                return None
            values = [_choice(gene, entry) for gene, entry in zip(members, entries, strict=True)]
            if any(value is None for value in values):
                return None
            found[name] = values if members[0].index is not None else values[0]
        return found

    @cached_property
    def _joined(self) -> frozenset[str]:
        """Names of lists whose choices are single characters."""
        return frozenset(
            name
            for name, members in self._families.items()
            if members[0].index is not None
            and all(len(str(choice)) == 1 for gene in members for choice in gene.choices)
        )

    def _values(self, genotype: Mapping[str, Any]) -> dict[str, Any]:
        return {gene.label: gene.value(genotype) for members in self._families.values() for gene in members}

    def _cell(self, members: Sequence[Gene], values: Mapping[str, Any]) -> str:
        entries = [str(values[gene.label]) if gene.acts(values) else IDLE for gene in members]
        if members[0].name not in self._joined:
            return " ".join(entries)
        step = _GROUP if len(entries) > _UNGROUPED else _UNGROUPED
        return " ".join("".join(entries[i : i + step]) for i in range(0, len(entries), step))

    def _entries(self, name: str, cell: str) -> list[str]:
        return list(cell.replace(" ", "")) if name in self._joined else cell.split()


def _choice(gene: Gene, entry: str) -> Any:
    """The choice that an entry stands for; None if it is none of the gene's."""
    if entry == IDLE:
        return gene.choices[gene.smallest]
    value = choice_of(entry)
    return value if value in gene.choices else None
