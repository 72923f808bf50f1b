"""The errors of effects, as `--evidence` tells them gene by gene, on landscapes whose effects are known."""

from __future__ import annotations

import random

import numpy as np
import pytest

from agents.models.analyst.features import Features
from agents.models.analyst.score_model import ScoreModel
from supernets.space.architecture import Architecture
from tests.agents.models.analyst import ofa

TABLE = ofa.gene_table()
FEATURES = Features(TABLE)
SCORES, NOISE, LIMIT = 48, 0.1, 260.0
BY_STAGE = (0.0, 0.05, 0.1, 0.2, 0.3)
"""Half the difference between the largest and the smallest choice of a gene, in points, by stage."""
PLANTED = [g for g, gene in enumerate(TABLE.genes) if gene.name in ("ks", "e")]


def planted() -> np.ndarray:
    """Effects of cells: larger in late stages and first blocks; of expansions of other sign in early stages."""
    cells = np.zeros((len(TABLE.genes), TABLE.width))
    for g in PLANTED:
        gene = TABLE.genes[g]
        stage, block = divmod(gene.index or 0, 4)
        size = BY_STAGE[stage] * (1.0 if block else 1.5) * (-1 if gene.name == "e" and stage < 2 else 1)
        cells[g, : len(gene.choices)] = np.linspace(-size, size, len(gene.choices))
    return cells


def found_and_true(seed: int) -> list[tuple[float, float, float]]:
    """Effect, its error and the planted effect, of each choice of the planted genes."""
    rng, draw, cells = np.random.default_rng(seed), random.Random(seed), planted()
    drawn: list[Architecture] = []
    while len(drawn) < SCORES:
        a = ofa.SPACE.sample(draw)
        drawn += [a] if ofa.SPACE.cost(a).macs_m < LIMIT else []
    x = ofa.encoded(drawn)
    log_costs = np.log([ofa.SPACE.cost(a).macs_m for a in drawn])
    scores = 75 + TABLE.hot(x) @ cells.reshape(-1) + 2 * (log_costs - log_costs.mean()) + rng.normal(0, NOISE, SCORES)
    model = ScoreModel(features=FEATURES, x=x, log_costs=log_costs, scores=scores, noise=NOISE)
    rows = []
    for g in PLANTED:
        for c in range(len(TABLE.genes[g].choices)):
            effect = model.over_average([g], c)
            rows.append((effect.points, effect.error, float(cells[g, c])))
    return rows


@pytest.mark.parametrize("seeds", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_errors_cover_planted_effects_at_least_as_often_as_they_say(seeds: int) -> None:
    rows = np.array([row for seed in range(seeds) for row in found_and_true(seed)])
    points, errors, true = rows.T
    distance = np.abs(points - true) / errors
    assert (distance < 1).mean() > 0.68
    assert (distance < 2).mean() > 0.95
    # What is told as known has the right sign, unless there is next to nothing to know.
    known = (np.abs(points) > errors) & (np.abs(true) > 0.02)
    assert known.sum() > 20 * seeds
    assert (np.sign(points[known]) == np.sign(true[known])).mean() > 0.98
