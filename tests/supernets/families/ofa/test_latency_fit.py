"""Times of layers from times of whole networks."""

from __future__ import annotations

import random

import numpy as np

from supernets.families.ofa.latency_fit import fit_layers
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


def networks(space: SearchSpace, count: int, seed: int) -> list[Architecture]:
    rng = random.Random(seed)
    return [space.sample(rng) for _ in range(count)]


def test_errors_are_told_of_networks_that_the_fit_has_not_seen() -> None:
    space = get_space("ofa")
    assert isinstance(space, OFASpace)
    noise = np.exp(np.random.default_rng(0).normal(0, 0.2, 60))
    fitted = fit_layers(space, networks(space, 60, seed=0), 10 * noise)
    assert fitted.median_error > 10
    assert fitted.spearman < 0.5


def test_exact_sums_of_layers_are_found_again() -> None:
    space = get_space("ofa")
    assert isinstance(space, OFASpace)
    archs = networks(space, 150, seed=0)
    macs = np.array([space.cost(a).macs_m for a in archs])
    fitted = fit_layers(space, archs, 1 + macs / 100)
    assert fitted.median_error < 0.5
    assert fitted.spearman > 0.99
    assert "median of 0." in fitted.errors
    assert fitted.held_out.shape == (150,)
