"""The values of search spaces: dimensions, choices, and architectures. Knows no space.

Notable: an `Architecture` is always canonical (genes that do not act carry their smallest choice), so two genotypes of
the same network are the same object, the same hash and the same `id`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from common.errors import UserError

Choice = int | float | str
Gene = Choice | tuple[Choice, ...]


class InvalidArchitecture(UserError):
    """A genotype is not in the space; `problems` has one sentence for each error."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("not an architecture of this space: " + "; ".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One decision of a search."""

    gene: str
    index: int | None
    """Position in the list of the gene; None for a gene that is no list."""
    choices: tuple[Choice, ...]
    group: str
    """Name of the group of dimensions that one row of a description covers."""
    meaning: str
    """Meaning of the choices, the same for all dimensions of a group."""
    acts_from: tuple[str, int] | None = None
    """Label of an earlier dimension and the minimum value with which this dimension acts; None if it always acts. An
    inactive dimension has the smallest of its choices."""
    ordered: bool = True
    """True if the choices are steps of one quantity, False if they are names, even if written as numbers."""

    @cached_property
    def label(self) -> str:
        """Name of the dimension for agents and tables, e.g. `r` or `ks[7]`."""
        return self.gene if self.index is None else f"{self.gene}[{self.index}]"


@dataclass(frozen=True)
class Architecture:
    """A sub-network by its named genes; make one with `SearchSpace.parse` or `.sample`, never by hand."""

    space: str
    genes: tuple[tuple[str, Gene], ...]
    """In the order in which the space lists them."""

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

    def __reduce__(self) -> tuple[type[Architecture], tuple[str, tuple[tuple[str, Gene], ...]]]:
        # Without cached values, because strings have other hashes in another process.
        return Architecture, (self.space, self.genes)

    @cached_property
    def id(self) -> str:
        """Twelve hexadecimal digits, the same on every machine and in every run."""
        text = json.dumps({"space": self.space, **self.to_dict()}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """Gene by gene, as agents, schemas and tables have it: JSON types only, `SearchSpace.parse` accepts it."""
        return {name: list(gene) if isinstance(gene, tuple) else gene for name, gene in self.genes}

    def to_json(self) -> str:
        return json.dumps({"space": self.space, **self.to_dict()}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Architecture:
        """The inverse of `to_json`, for text that this program wrote; use `SearchSpace.parse` for other text."""
        genes = json.loads(text)
        space = genes.pop("space")
        frozen = {name: tuple(g) if isinstance(g, list) else g for name, g in genes.items()}
        return cls(space, tuple(frozen.items()))


def value_of(a: Architecture, dimension: Dimension) -> Choice:
    """The choice of `a` in one dimension."""
    gene = a[dimension.gene]
    value: Choice = gene if dimension.index is None else gene[dimension.index]
    return value


def acts(dimension: Dimension, values: Mapping[str, Any]) -> bool:
    """Whether `dimension` acts, given the values of earlier ones by label."""
    return dimension.acts_from is None or values[dimension.acts_from[0]] >= dimension.acts_from[1]
