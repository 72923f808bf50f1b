"""The genes of a search space as a prompt describes them: names, choices, and the conditions under which they act.

Everything is read from the Markdown table `| genes | choices | meaning |`. Numbers separated by commas are steps of one
quantity; words, and choices separated by slashes (`0 / 1 / 2`), are names without order. This module knows neither the
meaning of a gene nor any scores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Choice = int | float | str

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

    def value(self, genotype: Mapping[str, Any]) -> Any:
        """The choice in a genotype; None if the genotype has no such entry."""
        value = genotype.get(self.name)
        if self.index is None:
            return value
        return value[self.index] if isinstance(value, list) and self.index < len(value) else None

    def acts(self, values: Mapping[str, Any]) -> bool:
        """Whether the gene acts in an architecture, given the choices of all genes by label."""
        return values.get(self.label) is not None and all(
            isinstance(value := values.get(label), int | float) and value >= least for label, least in self.gates
        )

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
class GeneList:
    """The genes in the order of the table, and the meaning of each of its lines."""

    genes: tuple[Gene, ...]
    meanings: tuple[str, ...]


def read_genes(text: str) -> GeneList | None:
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
    return GeneList(tuple(genes), tuple(meanings))


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
