"""Niches keep the best of each kind."""

from __future__ import annotations

import random

import pytest

from graph.limits import Limits
from graph.strategies.llmatic import descriptor, network_niches
from graph.strategies.niches import Niches
from supernets.families.registry import get_space

pytest.importorskip("ribs")


def test_a_niche_keeps_its_best() -> None:
    niches = Niches(4, [(0.0, 10.0), (100.0, 200.0)], seed=0)
    assert niches.offer("first", 70.0, (1.0, 110.0)) == "new"
    assert niches.offer("worse", 69.0, (1.0, 110.0)) == "rejected"
    assert niches.offer("equal", 70.0, (1.0, 110.0)) == "rejected"
    assert niches.offer("better", 71.0, (1.0, 110.0)) == "improved"
    (elite,) = niches.elites()
    assert (elite.member, elite.fitness) == ("better", 71.0)
    assert elite.descriptor == pytest.approx((0.1, 0.1))
    assert elite.niche == niches.niche((1.0, 110.0))
    assert (len(niches), niches.centroids.shape) == (4, (4, 2))


def test_what_lies_outside_of_the_ranges_counts_as_their_end() -> None:
    niches = Niches(4, [(0.0, 10.0), (3.0, 3.0)], seed=0)
    assert niches.normalised((-5.0, 3.0)) == (0.0, 0.5)
    assert niches.normalised((50.0, 9.0)) == (1.0, 0.5)


def test_the_nearest_come_first() -> None:
    niches = Niches(20, [(0.0, 1.0), (0.0, 1.0)], seed=1)
    for i, at in enumerate([(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]):
        niches.offer(i, 1.0, at)
    assert [elite.member for elite in niches.nearest((0.8, 0.8), 2)] == [2, 1]


@pytest.mark.parametrize("name", ["ofa", "spos", "autoformer", "nasbench201"])
def test_networks_do_not_share_a_few_niches(name: str) -> None:
    """The published code compares centroids between 0 and 1 with descriptors as they are: 1 or 2 of 100 niches fill."""
    space, rng = get_space(name), random.Random(0)
    drawn = [space.sample(rng) for _ in range(600)]
    normalised = network_niches(space, Limits({}), 400, seed=0)
    raw = Niches(100, [(0.0, 1.0), (0.0, 1.0)], seed=0)
    for a in drawn:
        normalised.offer(a, 0.0, descriptor(space, a))
        macs = space.cost(a).macs
        raw.offer(a, 0.0, (space.shape(a) * 100, float(macs)))
    assert len(raw.elites()) <= 2
    assert len(normalised.elites()) >= (35 if name != "nasbench201" else 15)
