"""The fits against planted truths and against exact costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import GeneTable, Indices, parse_genes
from agents.models.analyst.score_model import ScoreModel, lifted
from supernets.space.architecture import Architecture
from tests.agents.models.analyst import ofa


@pytest.fixture(scope="module")
def features() -> Features:
    table = parse_genes(ofa.space_text())
    assert table is not None
    return Features(table)


def encoded(table: GeneTable, architectures: Sequence[Architecture]) -> Indices:
    rows = [table.encode(ofa.SPACE.genotype(a)) for a in architectures]
    return np.array([row for row in rows if row is not None])


@pytest.mark.parametrize("column", ["macs_m", "params_m", "paper_macs_m"])
def test_cost_of_new_architectures_within_three_percent(features: Features, column: str) -> None:
    known = [ofa.SPACE.smallest(), ofa.SPACE.largest(), *ofa.samples(98, 2)]
    model = fit_cost(
        features, encoded(features.table, known), np.array([getattr(ofa.SPACE.cost(a), column) for a in known])
    )
    new = ofa.samples(300, 3)
    hot = features.table.hot(encoded(features.table, new))
    wrong = model.log_cost(hot) - np.log([getattr(ofa.SPACE.cost(a), column) for a in new])
    assert np.sqrt(np.mean(wrong**2)) < 0.03
    assert np.sqrt(np.mean(wrong**2)) < 2 * model.error


def test_cost_error_is_honest_on_few_rows(features: Features) -> None:
    known = ofa.samples(12, 4)
    costs = np.array([ofa.SPACE.cost(a).macs_m for a in known])
    model = fit_cost(features, encoded(features.table, known), costs)
    new = ofa.samples(300, 5)
    wrong = model.log_cost(features.table.hot(encoded(features.table, new))) - np.log(
        [ofa.SPACE.cost(a).macs_m for a in new]
    )
    assert np.sqrt(np.mean(wrong**2)) < 2 * model.error


def fit(features: Features, count: int, seed: int, effect: float) -> ScoreModel:
    """Architectures whose top-1 rises by `effect` per step of every kernel of stage 4, and by log cost, with noise."""
    architectures = ofa.samples(count, 100 + seed)
    x = encoded(features.table, architectures)
    log_costs = np.log([ofa.SPACE.cost(a).macs_m for a in architectures])
    steps = np.array([sum((k - 3) / 2 for k in a["ks"][12:16]) for a in architectures])
    noise = np.random.default_rng(seed).normal(0, 0.3, count)
    return ScoreModel(
        features=features, x=x, log_costs=log_costs, scores=70 + effect * steps + 4 * log_costs + noise, noise=0.3
    )


def test_planted_effects_are_found_with_honest_errors(features: Features) -> None:
    stage, other = features.table.rows[5], features.table.rows[3]
    assert features.table.meanings[5].endswith("kernel of blocks 1 to 4 of stage 4")
    fits = [fit(features, 120, seed, 0.25) for seed in range(12)]
    planted = [score_model.step(stage, 2, 0) for score_model in fits]
    # Four kernels, two steps each: 2 points.
    assert np.mean([effect.points for effect in planted]) == pytest.approx(2.0, abs=0.35)
    assert min(effect.clear for effect in planted) > 2
    misses = [(effect.points - 2.0) / effect.error for effect in planted]
    misses += [effect.points / effect.error for score_model in fits for effect in [score_model.step(other, 2, 0)]]
    assert np.mean(np.abs(misses) < 2) >= 0.8


def test_nothing_is_clear_where_nothing_is_planted(features: Features) -> None:
    fits = [fit(features, 60, seed, 0.0) for seed in range(4)]
    effects = [score_model.step([g], 2, 0) for score_model in fits for g in range(1, 46)]
    assert np.mean([effect.clear > 2 for effect in effects]) < 0.05


def test_collapsed_scores_are_lifted_and_the_others_left_alone() -> None:
    scores = np.array([70.0, 71.0, 72.0, 73.0, 10.0])
    assert np.array_equal(lifted(scores)[:4], scores[:4])
    assert 60 < lifted(scores)[4] < 70
