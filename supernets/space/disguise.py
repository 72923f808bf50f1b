"""A space with neutral names, for agents that may remember results of its benchmark.

Notable: all genes become entries of one list; the seed shuffles their order and the labels of their choices. Costs, and
which gene makes another act, stay the same. An agent loses its knowledge of networks as well as its memory of the
benchmark, so compare runs with and without a disguise. Knows no agent and no family.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx

from supernets.space.architecture import Architecture, Choice, Dimension
from supernets.space.cost import Cost
from supernets.space.cost_table import CostTable, Term
from supernets.space.description import dimension_table
from supernets.space.space import SearchSpace

_GENE = "x"
_CONDITIONS = (
    "`x[3]:x[0]>=1` means that entry 3 acts only where entry 0 is at least 1; an entry that does not act changes "
    "nothing."
)


class DisguisedSpace(SearchSpace):
    """The genes of another space as `{"x": [...]}`, with numbers for choices."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        rng = random.Random(f"disguise:{seed}")
        gates = {dimension.acts_from[0] for dimension in space.dimensions if dimension.acts_from}
        hidden = list(space.dimensions)
        rng.shuffle(hidden)
        # Dimensions that make others act come first, as `Dimension` requires.
        hidden.sort(key=lambda dimension: dimension.label not in gates)
        self._hidden = hidden
        self._labels = [_labels(dimension, dimension.label in gates, rng) for dimension in hidden]
        position = {dimension.label: i for i, dimension in enumerate(hidden)}
        super().__init__(space.name, [self._disguised(i, position) for i in range(len(hidden))])

    def _disguised(self, i: int, position: Mapping[str, int]) -> Dimension:
        dimension, labels = self._hidden[i], self._labels[i]
        acts_from, ordered = None, dimension.label in {d.acts_from[0] for d in self._hidden if d.acts_from}
        if dimension.acts_from:
            gate = position[dimension.acts_from[0]]
            opening = [label for choice, label in self._labels[gate].items() if choice >= dimension.acts_from[1]]  # type: ignore[operator]
            acts_from = (f"{_GENE}[{gate}]", min(opening))
        kind = f"{len(labels)} choices, {'in order' if ordered else 'without order'}"
        return Dimension(
            gene=_GENE,
            index=i,
            choices=tuple(sorted(labels.values())),
            group=kind,
            meaning=kind,
            acts_from=acts_from,
            ordered=ordered,
        )

    def to_disguised(self, genes: Mapping[str, Any]) -> dict[str, Any]:
        return {_GENE: [labels[_value(genes, d)] for d, labels in zip(self._hidden, self._labels, strict=True)]}

    def from_disguised(self, genes: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        entries = zip(self._hidden, self._labels, genes[_GENE], strict=True)
        values = {d.label: choice for d, labels, value in entries for choice, label in labels.items() if label == value}
        for dimension in self._space.dimensions:
            if dimension.index is None:
                found[dimension.gene] = values[dimension.label]
            else:
                found.setdefault(dimension.gene, []).append(values[dimension.label])
        return found

    def _original(self, a: Architecture) -> Architecture:
        return self._space.parse(self.from_disguised(a.to_dict()))

    def resolution(self, a: Architecture) -> int:
        return self._space.resolution(self._original(a))

    def count(self, a: Architecture) -> Cost:
        return self._space.cost(self._original(a))

    def count_bounds(self) -> tuple[Cost, Cost]:
        return self._space.bounds()

    def cost_table(self) -> CostTable:
        table = self._space.cost_table()
        positions = {dimension.label: i for i, dimension in enumerate(self._hidden)}

        def disguised(label: str) -> str:
            return f"{_GENE}[{positions[label]}]"

        def term(of: Term) -> Term:
            # In the order of the disguise, because the family's order would show which gene is which.
            order = sorted(range(len(of.labels)), key=lambda i: positions[of.labels[i]])
            costs = {
                tuple(self._labels[positions[of.labels[i]]][choices[i]] for i in order): cost
                for choices, cost in of.costs.items()
            }
            return Term(tuple(disguised(of.labels[i]) for i in order), dict(sorted(costs.items())), of.counts_unused)

        return CostTable(
            dimensions=self.dimensions,
            terms=tuple(sorted(map(term, table.terms), key=lambda t: [int(x[2:-1]) for x in t.labels])),
            unused=lambda a: [disguised(label) for label in table.unused(self._original(a))],
            notes=dict.fromkeys(table.notes, "Depending on the choices of others, an entry may add nothing."),
        )

    def smallest(self) -> Architecture:
        return self.parse(self.to_disguised(self._space.smallest().to_dict()))

    def largest(self) -> Architecture:
        return self.parse(self.to_disguised(self._space.largest().to_dict()))

    def twins(self, a: Architecture) -> Sequence[Architecture]:
        return [self.parse(self.to_disguised(twin.to_dict())) for twin in self._space.twins(self._original(a))]

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        return self._space.graph(self._original(a))

    def describe(self) -> str:
        example = self.sample(random.Random(0)).to_dict()
        return "\n".join(
            (
                f"A space of {_count(self.size())} different networks. What its genes and their choices stand for is "
                "not told; their names and their order mean nothing. A genotype is a JSON object with "
                f"`{_GENE}`, a list of {len(self.dimensions)} numbers.",
                "",
                dimension_table(self.dimensions),
                "",
                *([_CONDITIONS] if any(dimension.acts_from for dimension in self.dimensions) else []),
                f"Example: {json.dumps(example, separators=(',', ':'))}",
            )
        )


def _count(size: int) -> str:
    return f"{size:,}" if size < 1_000_000 else f"{size:.3g}"


def _labels(dimension: Dimension, in_order: bool, rng: random.Random) -> dict[Choice, int]:
    labels = list(range(len(dimension.choices)))
    if not in_order:
        rng.shuffle(labels)
    choices = sorted(dimension.choices) if in_order else dimension.choices
    return dict(zip(choices, labels, strict=True))


def _value(genes: Mapping[str, Any], dimension: Dimension) -> Choice:
    gene = genes[dimension.gene]
    value: Choice = gene if dimension.index is None else gene[dimension.index]
    return value
