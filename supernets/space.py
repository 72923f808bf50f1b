"""The contract of a search space: architectures, their genes, and what can be asked about them.

Notable: an `Architecture` is always canonical (genes that do not act carry one fixed value), so two
genotypes of the same network are the same object, the same hash and the same `id`. This module knows
no family, no network and no torch; each family subclasses `SearchSpace` in its own folder.
"""

from __future__ import annotations

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx

from errors import UserError
from supernets.cost import Cost

Choice = int | float | str
Gene = Choice | tuple[Choice, ...]


class InvalidArchitecture(UserError):
    """A genotype that the space does not contain; `problems` has one sentence per fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("not an architecture of this space: " + "; ".join(self.problems))


@dataclass(frozen=True)
class Dimension:
    """One decision of a search: `label` names it as agents and tables do, e.g. `r` or `ks[7]`.

    `acts_from` names another dimension and the least value it must have for this one to act; None: it always acts.
    `meaning` is shared by all dimensions of a `group`, which are described together.
    """

    gene: str
    index: int | None
    choices: tuple[Choice, ...]
    group: str
    meaning: str
    acts_from: tuple[str, int] | None = None

    @property
    def label(self) -> str:
        return self.gene if self.index is None else f"{self.gene}[{self.index}]"


@dataclass(frozen=True)
class Architecture:
    """A sub-network by its named genes; make one with `SearchSpace.parse` or `.sample`, never by hand."""

    space: str
    genes: tuple[tuple[str, Gene], ...]

    @cached_property
    def _by_name(self) -> dict[str, Gene]:
        return dict(self.genes)

    def __getitem__(self, gene: str) -> Any:
        return self._by_name[gene]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.space, self.genes))

    @cached_property
    def id(self) -> str:
        """Twelve hexadecimal digits, the same on every machine and in every run."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        genes = {name: list(g) if isinstance(g, tuple) else g for name, g in self.genes}
        return json.dumps({"space": self.space, **genes}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Architecture:
        """The inverse of `to_json`, for text this program wrote; use `SearchSpace.parse` for anyone else's."""
        genes = json.loads(text)
        space = genes.pop("space")
        frozen = {name: tuple(g) if isinstance(g, list) else g for name, g in genes.items()}
        return cls(space, tuple(sorted(frozen.items())))


class SearchSpace(ABC):
    """All sub-networks of one supernet family.

    An implementation must hold to these rules; `tests/supernets/conformance.py` checks them for all:

    - `parse(genotype(a)) == a`, and `parse` reports *every* problem of a bad genotype at once.
    - Every method that returns an `Architecture` returns a canonical member of the space.
    - Equal architectures are equal networks: same logits, same cost.
    - `sample`, `mutate` and `crossover` draw from the generator they are given and from nothing else.
    """

    name: str
    """The name a user types, e.g. `ofa`."""

    @property
    @abstractmethod
    def dimensions(self) -> tuple[Dimension, ...]:
        """Every decision, in the order in which genotypes list them."""

    @abstractmethod
    def size(self) -> int:
        """The number of different architectures."""

    @abstractmethod
    def parse(self, genotype: Mapping[str, Any]) -> Architecture:
        """The architecture of a customary genotype.

        Raises:
            InvalidArchitecture: with every fault: gene, expected, got.
        """

    @abstractmethod
    def genotype(self, a: Architecture) -> dict[str, Any]:
        """The family's customary genotype: JSON types only, `parse` accepts it."""

    @abstractmethod
    def active(self, a: Architecture) -> frozenset[str]:
        """Labels of the dimensions that act in `a`."""

    @abstractmethod
    def resolution(self, a: Architecture) -> int:
        """Side in pixels of the images that `a` reads at full size."""

    @abstractmethod
    def sample(self, rng: random.Random) -> Architecture:
        """A member drawn uniformly over genes."""

    @abstractmethod
    def mutate(self, a: Architecture, rng: random.Random, rate: float) -> Architecture:
        """`a` with each gene drawn anew with probability `rate`; genes that begin to act are drawn anew."""

    @abstractmethod
    def crossover(self, a: Architecture, b: Architecture, rng: random.Random) -> Architecture:
        """A child that takes each gene from `a` or `b` with equal chance."""

    @abstractmethod
    def smallest(self) -> Architecture:
        """The member with the lowest cost."""

    @abstractmethod
    def largest(self) -> Architecture:
        """The member with the highest cost."""

    @abstractmethod
    def cost(self, a: Architecture) -> Cost:
        """Exact cost of the network that would be deployed."""

    @abstractmethod
    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        """Operators as nodes, in order, whose `macs` and `params` add up to the cost.

        Nodes also carry `operator`, `kernel`, `channels`, `side`, `stride`, `stage` (-1 stem, 99 head), `block` and
        `expansion`, the last two 0 where there is none.
        """

    @abstractmethod
    def json_schema(self, low: int, high: int) -> dict[str, Any]:
        """JSON schema of `{"architectures": [...]}` with `low` to `high` genotypes."""

    @abstractmethod
    def describe(self) -> str:
        """The space in words, as an agent is told about it: every dimension, its choices, what acts, an example."""
