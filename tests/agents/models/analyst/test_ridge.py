from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.gene_table import Matrix
from agents.models.analyst.ridge import RidgePosterior, fit_ridge

TRUE = np.array([1.0, -2.0, 0.0, 0.0])
GROUPS = ("used", "used", "unused", "unused")


def data(count: int, noise: float, seed: int = 0) -> tuple[Matrix, Matrix]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 4))
    return features, 5 + features @ TRUE + rng.normal(0, noise, count)


def fit(count: int, noise: float = 0.5) -> RidgePosterior:
    features, target = data(count, noise)
    return fit_ridge(features, GROUPS, target, 0.5)


def test_many_observations_give_the_true_coefficients_and_noise() -> None:
    posterior = fit(2000)
    assert posterior.mean == pytest.approx(TRUE, abs=0.05)
    assert posterior.noise == pytest.approx(0.5, abs=0.03)


def test_errors_shrink_with_observations_and_cover_the_truth() -> None:
    few, many = fit(10), fit(1000)
    probe = np.eye(4)
    assert (many.deviation(probe) < few.deviation(probe) / 5).all()
    assert (np.abs(few.mean - TRUE) < 4 * few.deviation(probe)).all()


def test_a_group_that_explains_nothing_is_shrunk() -> None:
    unused, plain = [], []
    for seed in range(20):
        features, target = data(12, 0.5, seed)
        unused.append(fit_ridge(features, GROUPS, target, 0.5).mean[2:])
        centred = features - features.mean(axis=0)
        plain.append(np.linalg.lstsq(centred, target - target.mean(), rcond=None)[0][2:])
    assert np.square(unused).sum() < np.square(plain).sum()


def test_a_narrow_prior_holds_coefficients_near_zero() -> None:
    features, target = data(8, 0.5)
    loose = fit_ridge(features, GROUPS, target, 0.5, {"used": 3.0, "unused": 3.0})
    narrow = fit_ridge(features, GROUPS, target, 0.5, {"used": 1e-3, "unused": 1e-3}, sweeps=1)
    assert np.abs(narrow.mean).max() < 0.01 < np.abs(loose.mean).max()


def test_predictions_pass_through_the_means() -> None:
    posterior = fit(50)
    mean, error = posterior.predict(posterior.centre[None])
    assert mean[0] == pytest.approx(posterior.level)
    assert error[0] == pytest.approx(0, abs=1e-9)


def test_draws_have_the_posteriors_mean_and_covariance_times_the_scale() -> None:
    posterior = fit(30)
    rng = np.random.default_rng(1)
    assert posterior.draws(rng, 3, 0.0) == pytest.approx(np.repeat(posterior.mean[:, None], 3, axis=1))
    drawn = posterior.draws(rng, 20_000, 0.5)
    assert drawn.mean(axis=1) == pytest.approx(posterior.mean, abs=0.01)
    assert np.cov(drawn) == pytest.approx(posterior.cov / 4, abs=0.1 * np.abs(posterior.cov).max())
