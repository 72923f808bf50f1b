"""The niches of a run of LLMatic: the best network of each, and where the niches lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import UserError
from graph.strategies import get_strategy
from supernets.evaluate.evaluator import Evaluation

if TYPE_CHECKING:
    from graph.strategies.niches import Niches
    from studies.run import Run

NEAR = 1.0
"""Percentage points below the best within which a network is as good as the best, for who wants another kind."""
Polygon = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class NicheMap:
    """Which niches are filled, and with what."""

    best: dict[int, Evaluation]
    """By niche, its best."""
    polygons: Sequence[Polygon]
    """Of each niche its corners in order, with both figures from 0 to 1."""
    labels: tuple[str, str]
    """Of the two figures."""

    @property
    def near(self) -> list[Evaluation]:
        """The best of each niche that comes within `NEAR` of the best of all, the best first."""
        ordered = sorted(self.best.values(), key=lambda score: -score.top1)
        return [score for score in ordered if score.top1 >= ordered[0].top1 - NEAR]


def niche_map(run: Run) -> NicheMap | None:
    """The map of a run's networks; None for a run of another strategy, without scores, or without pyribs."""
    from graph.strategies.llmatic import LLMatic, descriptor, network_niches

    if not issubclass(get_strategy(run.config.strategy), LLMatic) or not run.evaluations:
        return None
    try:
        niches = network_niches(run.space, run.sweep.widest, run.config.evaluations, run.config.seed)
    except UserError:  # the run was made where pyribs is installed, and is looked at where it is not
        return None
    for score in run.evaluations:
        niches.offer(score, score.top1, descriptor(run.space, score.architecture))
    best = {elite.niche: elite.member for elite in niches.elites()}
    return NicheMap(best, _polygons(niches), ("MACs, logarithmic", run.space.shape_label))


def _polygons(niches: Niches) -> list[Polygon]:
    """The Voronoi cells of the niches' centres within the unit square."""
    import numpy as np
    from scipy.spatial import Voronoi

    points = niches.centroids
    # Mirrored at each side of the square, the centres have cells that end there.
    mirrored = [points * [-1, 1], points * [1, -1], points * [-1, 1] + [2, 0], points * [1, -1] + [0, 2]]
    voronoi = Voronoi(np.vstack([points, *mirrored]))
    cells = (voronoi.vertices[voronoi.regions[region]] for region in voronoi.point_region[: len(points)])
    return [[(round(float(x), 4), round(float(y), 4)) for x, y in corners.clip(0.0, 1.0)] for corners in cells]
