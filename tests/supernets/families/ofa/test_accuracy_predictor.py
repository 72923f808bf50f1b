"""Predicted accuracies: near the measured ones, honest about their errors, refused where nothing is known."""

from __future__ import annotations

import numpy as np

from supernets.families.ofa.accuracy_predictor import Covariance, Predictor, measured_networks
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space

NAME = "ofa-w1.0-predicted"


def predicted_space() -> OFASpace:
    space = get_space(NAME)
    assert isinstance(space, OFASpace)
    return space


def test_held_out_networks_are_predicted_better_than_by_ridge_regression() -> None:
    space = predicted_space()
    networks, top1 = measured_networks(space)
    held_out = np.arange(len(networks)) % 5 == 0
    known = [a for a, out in zip(networks, held_out, strict=True) if not out]
    unknown = [a for a, out in zip(networks, held_out, strict=True) if out]
    mean, error = Predictor(space=space, networks=known, top1=top1[~held_out]).predict(unknown)
    misses = np.abs(mean - top1[held_out])
    # With nothing but its linear part, the process is a ridge regression on one-hot active genes.
    ridge, _ = Predictor(
        space=space, networks=known, top1=top1[~held_out], kernel=Covariance(smooth=0, coarse=0)
    ).predict(unknown)
    assert misses.mean() < 0.06 < 0.1 < np.abs(ridge - top1[held_out]).mean()
    assert 0.9 < np.mean(misses < 2 * error) < 0.98
