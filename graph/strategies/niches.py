"""A quality-diversity archive: the best of each niche, where niches divide the space by what kind a member is of.

CVT-MAP-Elites (Vassiliades, Chatzilygeroudis and Mouret, IEEE TEC 22(4), 2018) with the archive of pyribs.

Notable: descriptors are normalised before they are stored. The published code of LLMatic keeps centroids between 0
and 1 and descriptors as they are, so that nearly all networks share one or two of its hundred niches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError

_MISSING = "--strategy llmatic needs an optional package: pip install 'collm-nas[llmatic]'"

Descriptor = tuple[float, float]


@dataclass(frozen=True)
class Elite:
    """The best member of a niche."""

    niche: int
    member: Any
    fitness: float
    descriptor: Descriptor
    """Normalised, from 0 to 1."""


class Niches:
    """
    Args:
        count: number of niches.
        ranges: lowest and highest value of both descriptors; what lies outside counts as the nearer end.
        seed: decides where the niches are.

    Raises:
        UserError: pyribs is not installed.
    """

    def __init__(self, count: int, ranges: Sequence[tuple[float, float]], seed: int) -> None:
        try:
            from ribs.archives import CVTArchive
        except ImportError:
            raise UserError(_MISSING) from None
        self.ranges = tuple(ranges)
        self._archive = CVTArchive(
            solution_dim=(), centroids=count, ranges=[(0.0, 1.0)] * 2, solution_dtype=object, seed=seed
        )

    def normalised(self, descriptor: Descriptor) -> Descriptor:
        """The descriptor from 0 to 1."""
        first, second = (
            min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5
            for value, (low, high) in zip(descriptor, self.ranges, strict=True)
        )
        return first, second

    def offer(self, member: Any, fitness: float, descriptor: Descriptor) -> str:
        """Keep a member if its niche is empty or its fitness higher: `new`, `improved` or `rejected`."""
        solution = np.empty((), dtype=object)
        solution[()] = member
        status = int(self._archive.add_single(solution, fitness, self.normalised(descriptor))["status"])
        return ("rejected", "improved", "new")[status]

    def niche(self, descriptor: Descriptor) -> int:
        """The number of the niche of a descriptor."""
        return int(self._archive.index_of_single(self.normalised(descriptor)))

    def elites(self) -> list[Elite]:
        """The best of each niche that is not empty, in the order of the niches."""
        data = self._archive.data()
        order = np.argsort(data["index"])
        return [
            Elite(
                int(data["index"][i]),
                data["solution"][i],
                float(data["objective"][i]),
                (float(data["measures"][i][0]), float(data["measures"][i][1])),
            )
            for i in order
        ]

    def __len__(self) -> int:
        """Number of niches, filled or not."""
        return int(self._archive.cells)

    @property
    def centroids(self) -> NDArray[np.float64]:
        """Centres of the niches, shape (niches, 2), from 0 to 1."""
        return np.asarray(self._archive.centroids, dtype=np.float64)

    def nearest(self, descriptor: Descriptor, count: int) -> Iterator[Elite]:
        """The elites that are nearest to a descriptor, the nearest first."""
        at = np.array(self.normalised(descriptor))
        distances = [(float(np.linalg.norm(np.array(each.descriptor) - at)), each) for each in self.elites()]
        yield from (each for _, each in sorted(distances, key=lambda pair: pair[0])[:count])
