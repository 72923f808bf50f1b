"""What each choice of a space adds to the costs of a network, exactly, as a value and as a short text.

Notable: a network's cost is made of terms, each looked up by the choices of a few dimensions (for OFA: resolution,
kernel and expansion of one block). Terms add up, except for peak memory, which is the largest of them. Knows no family.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from supernets.space.architecture import Architecture, Choice, Dimension, acts, value_of
from supernets.space.cost import COST_KINDS, Cost
from supernets.space.cost_table_text import CostTableText, Part

_LARGEST = ("memory_mb",)
"""Figures of which a network has the largest of its terms, not their sum."""


@dataclass(frozen=True)
class Term:
    """One summand of a cost; it counts if all of its dimensions act."""

    labels: tuple[str, ...]
    """Labels of the dimensions that decide it; empty for what every network has."""
    costs: Mapping[Any, Cost]
    """By the tuple of choices of these dimensions."""
    counts_unused: bool = True
    """Whether it also counts where `CostTable.unused` names one of its dimensions."""


@dataclass(frozen=True, kw_only=True)
class SingleChange:
    """One other choice in an architecture, and what it adds."""

    dimension: Dimension
    choice: Choice
    architecture: Architecture
    """The architecture with that choice."""
    adds: float
    """Increase of the cost in the unit of its kind; negative if the cost falls."""


@dataclass(frozen=True, kw_only=True)
class CostTable:
    """The terms of every cost of a space.

    Example: in a space of two blocks with a kernel `k` and an expansion `e` each, `describe("macs_m")` may be

        To find MACs in M, add the fixed part and, for each entry that acts, the figure of its choices (within 0.1 M).
        A figure `for each` entry is to be multiplied by its choice.

        Fixed part: 10.00.

        | entries | k=3, for each e | k=5, for each e |
        |---|---|---|
        | k[0] e[0] | 1.333 | 1.667 |
        | k[1] e[1] | 0.667 | 0.833 |

    A network with k = [5, 3] and e = [3, 6] has 10.00 + 3 * 1.667 + 6 * 0.667 = 19.00 M MACs.
    """

    dimensions: tuple[Dimension, ...]
    terms: tuple[Term, ...]
    unused: Callable[[Architecture], Collection[str]] = field(default=lambda a: ())
    """Returns the labels of dimensions that act, but whose choices an architecture's deployed network does not have."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """A sentence for agents on `unused`, by kinds of costs."""

    def adds_up(self, kind: str) -> bool:
        """Whether the terms have the cost of this kind; where they do not, use `SearchSpace.single_changes`."""
        return any(cost.figure(kind) is not None for term in self.terms for cost in term.costs.values())

    def cost(self, a: Architecture) -> Cost:
        """The cost of an architecture, in all kinds that add up."""
        values = {dimension.label: value_of(a, dimension) for dimension in self.dimensions}
        acting = {dimension.label for dimension in self.dimensions if acts(dimension, values)}
        used = acting - set(self.unused(a))
        counted = [
            term.costs[tuple(values[label] for label in term.labels)]
            for term in self.terms
            if (acting if term.counts_unused else used).issuperset(term.labels)
        ]
        totals: dict[str, Any] = {
            kind.name: _total(kind.name, (getattr(cost, kind.name) for cost in counted)) for kind in fields(Cost)
        }
        return Cost(**totals)

    def describe(self, kind: str) -> str:
        """The figures of one kind as Markdown, which a reader can add up by hand.

        Raises:
            ValueError: costs of this kind do not add up.
        """
        if not self.adds_up(kind):
            raise ValueError(f"{kind}: expected a kind whose terms are known; use SearchSpace.single_changes")
        parts = [
            Part(term.labels, {choices: cost.figure(kind) or 0.0 for choices, cost in term.costs.items()})
            for term in self.terms
        ]
        text = CostTableText(
            dimensions=self.dimensions,
            parts=[part for part in parts if any(part.figures.values())],
            kind=COST_KINDS[kind],
            total=max if kind in _LARGEST else sum,
        ).text()
        return f"{self.notes[kind]}\n{text}" if kind in self.notes else text


def _total(figure: str, values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    # Millions are of whole operations, so the sum is too.
    return max(known) if figure in _LARGEST else round(sum(known), 6) if figure == "paper_macs_m" else sum(known)
