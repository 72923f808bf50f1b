"""The fit of scores against planted truths."""

from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.features import Features
from agents.models.analyst.score_model import ScoreModel, lifted
from tests.agents.models.analyst import ofa, small_space


@pytest.fixture(scope="module")
def features() -> Features:
    return Features(ofa.gene_table())


def fit(features: Features, count: int, seed: int, effect: float) -> ScoreModel:
    """Architectures whose top-1 rises by `effect` per step of every kernel of stage 4, and by log cost, with noise."""
    architectures = ofa.samples(count, 100 + seed)
    x = ofa.encoded(architectures)
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


def test_a_pair_effect_and_a_cost_effect_are_those_that_were_planted() -> None:
    x = small_space.everything()[::9]
    hot, log_costs = small_space.TABLE.hot(x), np.log(small_space.cost(x))
    pair = small_space.FEATURES.pair_names.index("r*d")
    scores = 70 + 0.8 * small_space.FEATURES.pairs(hot)[:, pair] + 3 * log_costs
    model = ScoreModel(features=small_space.FEATURES, x=x, log_costs=log_costs, scores=scores, noise=0.05)
    assert model.pair_effect(pair).points == pytest.approx(0.8, abs=0.1)
    assert model.cost_effect(np.e).points == pytest.approx(3.0, abs=0.4)
    assert model.predict(x, log_costs)[0] == pytest.approx(lifted(scores), abs=0.15)


def test_coefficients_and_deviations_describe_the_same_effects() -> None:
    x = small_space.everything()[::30]
    scores = 70 + np.random.default_rng(0).normal(0, 1, len(x))
    model = ScoreModel(
        features=small_space.FEATURES, x=x, log_costs=np.log(small_space.cost(x)), scores=scores, noise=0.3
    )
    cells = model.coefficients(model.ridge.mean[:, None]).cells.reshape(len(small_space.TABLE.genes), -1)
    op = small_space.TABLE.position["op"]
    step, average = model.step([op], 2, 0), model.over_average([op], 2)
    assert step.points == pytest.approx(cells[op, 2] - cells[op, 0])
    assert average.points == pytest.approx(cells[op, 2] - cells[op].mean())
    assert model.deviations().cells.shape == (cells.size, 1)
    assert (model.deviations().cells >= 0).all()
