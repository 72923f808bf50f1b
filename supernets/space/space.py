"""The contract of a search space: its architectures and their properties.

Notable: a family lists its dimensions and counts its costs; parsing, sampling and schemas follow from the dimensions.
This module knows no family, no network and no torch; each family subclasses `SearchSpace` in its own folder.
"""

from __future__ import annotations

import copy
import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, ClassVar, Self

import networkx as nx

from supernets.space.architecture import Architecture, Choice, Dimension, Gene, InvalidArchitecture, acts, value_of
from supernets.space.cost import Cost, Latency
from supernets.space.cost_table import CostTable, SingleChange, Term
from supernets.space.parsing import (
    architectures_schema,
    check_choice,
    check_list,
    choices_schema,
    list_schema,
    unquote_numbers,
    unwrap_single,
)


class SearchSpace(ABC):
    """All sub-networks of one supernet family.

    Every implementation follows these rules; `collm_nas/testing.py` checks them for all:

    - `parse(genotype(a)) == a == parse(a.to_dict())`, and `parse` reports *every* problem of a bad genotype at once.
    - Every method that returns an `Architecture` returns a canonical member of the space.
    - Equal architectures are equal networks: same logits, same cost.
    - `sample`, `mutate` and `crossover` use the given generator as their only source of randomness.
    """

    shape_label: ClassVar[str] = "channels for each layer, by their number"
    """What `shape` is, in words."""

    def __init__(self, name: str, dimensions: Sequence[Dimension]) -> None:
        """
        Args:
            name: the name that a user types, e.g. `ofa`.
            dimensions: every decision, in the order in which genotypes list them; a gene's entries follow each other.
        """
        self.name = name
        self.dimensions = tuple(dimensions)
        self._genes = {gene: list(members) for gene, members in groupby(dimensions, key=lambda d: d.gene)}

    # Abstract: every family implements these.

    @abstractmethod
    def resolution(self, a: Architecture) -> int:
        """Side in pixels of the images that `a` reads at full size."""

    @abstractmethod
    def count(self, a: Architecture) -> Cost:
        """Exact counts of the network that would be deployed."""

    @abstractmethod
    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        """The operators as nodes, in order; their `macs` and `params` add up to the cost.

        Nodes also carry `operator`, `kernel`, `channels`, `side`, `stride`, `stage` (-1 stem, 99 head), `block` (0 in
        stem and head) and `label`, the genes of the block as a diagram shows them (empty without genes).
        """

    @abstractmethod
    def describe(self) -> str:
        """The description for agents: every dimension, its choices, when it acts, and an example."""

    # Derived from the counts.

    latency: Latency | None = None
    """Latency model that adds the latency to costs; None for a space without one."""

    def with_latency(self, latency: Latency) -> Self:
        """A copy of this space whose costs include the latency of a model."""
        copied = copy.copy(self)
        copied.latency = latency
        return copied

    def cost(self, a: Architecture) -> Cost:
        """The counts, and the latency if the space has a latency model."""
        counts = self.count(a)
        return counts if self.latency is None else replace(counts, latency_ms=self.latency.of(a))

    def cost_table(self) -> CostTable:
        """What each choice adds to every cost that adds up."""
        terms = tuple(self._terms())
        if self.latency is not None and self.latency.parts is not None:
            for labels, milliseconds in self.latency.parts.items():
                costs = {choices: Cost(macs=0, params=0, latency_ms=ms) for choices, ms in milliseconds.items()}
                terms += (Term(labels, costs),)
        return CostTable(dimensions=self.dimensions, terms=terms, unused=self._unused, notes=self._unused_notes)

    def _terms(self) -> Iterable[Term]:
        """The terms that add up to the counts of every architecture; none if a family's counts do not add up."""
        return ()

    def _unused(self, a: Architecture) -> Collection[str]:
        """Labels of dimensions that act, but whose choices the deployed network of `a` does not have."""
        return ()

    _unused_notes: ClassVar[Mapping[str, str]] = {}
    """A sentence for agents on `_unused`, by kinds of costs."""

    def single_changes(self, a: Architecture, kind: str) -> list[SingleChange]:
        """What every other choice in one acting dimension of `a` adds to the cost of a kind, if the space has it.

        For costs that do not add up, like a latency that was measured for whole networks.
        """
        before = self.cost(a).figure(kind)
        if before is None:
            return []
        values, active = {dimension.label: value_of(a, dimension) for dimension in self.dimensions}, self.active(a)
        changes = []
        for dimension in self.dimensions:
            for choice in dimension.choices if dimension.label in active else ():
                if choice == values[dimension.label]:
                    continue
                changed = self.from_choices({**values, dimension.label: choice})
                after = self.cost(changed).figure(kind)
                assert after is not None
                changes.append(
                    SingleChange(dimension=dimension, choice=choice, architecture=changed, adds=after - before)
                )
        return changes

    def bounds(self) -> tuple[Cost, Cost]:
        """Minimum and maximum of each cost over all members, each cost by itself."""
        low, high = self.count_bounds()
        if self.latency is None:
            return low, high
        return replace(low, latency_ms=self.latency.minimum), replace(high, latency_ms=self.latency.maximum)

    def count_bounds(self) -> tuple[Cost, Cost]:
        """Minimum and maximum of the counts over all members."""
        return self.count(self.smallest()), self.count(self.largest())

    # Derived from the dimensions.

    def size(self) -> int:
        """The number of different architectures."""
        dependants: dict[str, list[Dimension]] = {}
        for dimension in self.dimensions:
            if dimension.acts_from is not None:
                dependants.setdefault(dimension.acts_from[0], []).append(dimension)

        def count(dimension: Dimension) -> int:
            children = dependants.get(dimension.label, [])
            return sum(
                math.prod(count(child) for child in children if acts(child, {dimension.label: choice}))
                for choice in dimension.choices
            )

        return math.prod(count(dimension) for dimension in self.dimensions if dimension.acts_from is None)

    def parse(self, genotype: Mapping[str, Any]) -> Architecture:
        """The architecture of a customary genotype; `"208"` means 208, and so does `[208]` for a gene that is no list.

        Raises:
            InvalidArchitecture: it lists every problem: gene, expected, got.
        """
        names = ", ".join(self._genes)
        if not isinstance(genotype, Mapping):
            raise InvalidArchitecture([f"expected an object with keys {names}; got {type(genotype).__name__}"])
        problems: list[str] = []
        given = self._complete({gene: self._unwrapped(gene, value) for gene, value in genotype.items()}, problems)
        unknown = sorted(str(key) for key in given if key not in self._genes)
        if unknown:
            problems.append(f"unknown keys {', '.join(unknown)}; expected {names}")
        values: dict[str, Any] = {}
        for gene, members in self._genes.items():
            if members[0].index is None:
                values[gene] = check_choice(problems, gene, given.get(gene), members[0].choices)
            else:
                values[gene] = check_list(problems, gene, given.get(gene), [member.choices for member in members])
        if problems:
            raise InvalidArchitecture(problems)
        return self._canonical(values)

    def _unwrapped(self, gene: str, value: Any) -> Any:
        members = self._genes.get(gene)
        is_list = members is not None and members[0].index is not None
        if is_list and isinstance(value, str):
            return value
        return unquote_numbers(value if is_list else unwrap_single(value))

    def _complete(self, genotype: Mapping[str, Any], problems: list[str]) -> Mapping[str, Any]:
        """`genotype` with the family's other customary spellings replaced; problems are added to `problems`."""
        return genotype

    def genotype(self, a: Architecture) -> dict[str, Any]:
        """The genotype in the form of the family's papers, in JSON types; `parse` accepts it."""
        return a.to_dict()

    def shape(self, a: Architecture) -> float:
        """A figure that tells networks of equal cost apart, such as how wide they are for their depth.

        Families define what it is and name it in `shape_label`; here it is the mean number of channels of the operators
        with weights, by the number of these.
        """
        weighted = [node["channels"] for _, node in self.graph(a).nodes(data=True) if node["params"]]
        return float(sum(weighted) / len(weighted) ** 2)

    def to_disguised(self, genes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Genes of the searched space as this space shows them to agents: unchanged, except in a disguised space."""
        return genes

    def from_disguised(self, genes: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inverse of `to_disguised`, for genes that `parse` accepts."""
        return genes

    def active(self, a: Architecture) -> frozenset[str]:
        """Labels of the dimensions that act in `a`."""
        values = {dimension.label: value_of(a, dimension) for dimension in self.dimensions}
        return frozenset(dimension.label for dimension in self.dimensions if acts(dimension, values))

    def twins(self, a: Architecture) -> Sequence[Architecture]:
        """Other members that are the same network as `a`, to the cost and the score.

        Empty unless genotypes of one network cannot be made one architecture, because a benchmark's table has a row
        for each. A search treats a twin of what it proposed before as a duplicate.
        """
        return ()

    def sample(self, rng: random.Random) -> Architecture:
        """A member drawn uniformly over genes."""
        return self._draw(lambda dimension: rng.choice(dimension.choices))

    def from_choices(self, choices: Mapping[str, Choice]) -> Architecture:
        """The member with one choice for each dimension, by its label."""
        return self._draw(lambda dimension: choices[dimension.label])

    def mutate(self, a: Architecture, rng: random.Random, rate: float) -> Architecture:
        """`a` with each gene redrawn with probability `rate`; genes that begin to act are redrawn."""
        active = self.active(a)

        def draw(dimension: Dimension) -> Choice:
            if dimension.label not in active or rng.random() < rate:
                return rng.choice(dimension.choices)
            return value_of(a, dimension)

        return self._draw(draw)

    def crossover(self, a: Architecture, b: Architecture, rng: random.Random) -> Architecture:
        """A child that takes each gene from `a` or `b` with equal chance."""
        active = {id(parent): self.active(parent) for parent in (a, b)}

        def draw(dimension: Dimension) -> Choice:
            parent, other = (a, b) if rng.random() < 0.5 else (b, a)
            # A gene that is inactive in one parent is taken from the other parent.
            if dimension.label not in active[id(parent)]:
                parent = other
            return value_of(parent, dimension)

        return self._draw(draw)

    def change_one(self, a: Architecture, rng: random.Random) -> Architecture:
        """`a` with one acting gene changed to another choice; genes that begin to act are redrawn."""
        active = self.active(a)
        changed = rng.choice([d for d in self.dimensions if d.label in active and len(d.choices) > 1])
        choice = rng.choice([other for other in changed.choices if other != value_of(a, changed)])

        def draw(dimension: Dimension) -> Choice:
            if dimension is changed:
                return choice
            return value_of(a, dimension) if dimension.label in active else rng.choice(dimension.choices)

        return self._draw(draw)

    def neighbours(self, a: Architecture) -> list[Architecture]:
        """Every member that differs from `a` in one acting gene; genes that begin to act have their smallest choice."""
        active = self.active(a)

        def replaced(changed: Dimension, choice: Choice) -> Architecture:
            return self._draw(lambda dimension: choice if dimension is changed else value_of(a, dimension))

        acting = [dimension for dimension in self.dimensions if dimension.label in active]
        return [replaced(d, choice) for d in acting for choice in d.choices if choice != value_of(a, d)]

    def _example(self) -> Architecture:
        """The architecture that a description shows: the middle of each choice, unless a family overrides it."""
        return self._draw(lambda dimension: dimension.choices[len(dimension.choices) // 2])

    def smallest(self) -> Architecture:
        """The member with the fewest MACs: the smallest of each choice, unless a family overrides it."""
        return self._draw(lambda dimension: min(dimension.choices))

    def largest(self) -> Architecture:
        """The member with the most MACs."""
        return self._draw(lambda dimension: max(dimension.choices))

    def json_schema(self, low: int, high: int) -> dict[str, Any]:
        """JSON schema of `{"architectures": [...]}` with `low` to `high` genotypes."""
        return architectures_schema(self._genotype_schema(), low, high)

    def _genotype_schema(self) -> dict[str, Any]:
        properties = {
            gene: choices_schema(members[0].choices)
            if members[0].index is None
            else list_schema([member.choices for member in members])
            for gene, members in self._genes.items()
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def _draw(self, draw: Callable[[Dimension], Choice]) -> Architecture:
        values: dict[str, Any] = {}
        for gene, members in self._genes.items():
            drawn = [draw(member) for member in members]
            values[gene] = drawn[0] if members[0].index is None else drawn
        return self._canonical(values)

    def _canonical(self, values: Mapping[str, Any]) -> Architecture:
        """The architecture of legal values: gene to choice, or to a list of them."""
        seen: dict[str, Any] = {}
        genes: list[tuple[str, Gene]] = []
        for gene, members in self._genes.items():
            given = [values[gene]] if members[0].index is None else values[gene]
            acting: list[Choice] = []
            for member, value in zip(members, given, strict=True):
                acting.append(value if acts(member, seen) else min(member.choices))
                seen[member.label] = value
            genes.append((gene, acting[0] if members[0].index is None else tuple(acting)))
        return Architecture(self.name, tuple(genes))
