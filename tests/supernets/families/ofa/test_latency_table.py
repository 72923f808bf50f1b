from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from supernets.families.ofa.latency_table import extreme, read_table, summed, table_names, write_tables
from supernets.families.ofa.layout import EXPANSIONS, KERNELS, RESOLUTIONS
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space

SHAPE = (len(RESOLUTIONS), 21, len(KERNELS), len(EXPANSIONS))


@pytest.fixture(scope="module")
def space() -> OFASpace:
    found = get_space("ofa")
    assert isinstance(found, OFASpace)
    return found


def test_tables_and_notes_are_read_as_they_were_written(tmp_path: Path) -> None:
    table = np.random.default_rng(0).random(SHAPE).astype(np.float32).astype(np.float64)
    write_tables(tmp_path / "t.npz", {"ofa/abacus": (table, "Counted."), "ofa/slate": (2 * table, "Written.")})
    assert table_names(tmp_path / "t.npz") == ("ofa/abacus", "ofa/slate")
    found, note = read_table(tmp_path / "t.npz", "ofa/slate")
    assert np.array_equal(found, 2 * table)
    assert note == "Written."
    with pytest.raises(KeyError):
        read_table(tmp_path / "t.npz", "ofa/quipu")


def test_a_latency_is_the_sum_of_the_layers_that_act(space: OFASpace) -> None:
    table = np.ones(SHAPE)
    table[:, -1, 0, 0] = 100
    latency = summed(space, table)
    assert latency(space.smallest()) == 100 + 5 * 2
    assert latency(space.largest()) == 100 + 5 * 4


def test_extremes_bound_every_member_and_are_reached(space: OFASpace) -> None:
    table = np.random.default_rng(0).random(SHAPE)
    low, high = extreme(space, table, np.min), extreme(space, table, np.max)
    latency, rng = summed(space, table), random.Random(0)
    found = [latency(space.sample(rng)) for _ in range(300)]
    assert low <= min(found) < max(found) <= high
    # Each block takes its fastest choice by itself, so only resolutions and depths are left to try.
    pairs = [(k, e) for k in range(3) for e in range(3)]
    fastest = {
        (at, i): min(pairs, key=lambda ke: table[at, i, ke[0], ke[1]])
        for at in range(len(RESOLUTIONS))
        for i in range(20)
    }
    members = (
        space.parse(
            {
                "r": r,
                "d": depths,
                "ks": [KERNELS[fastest[at, i][0]] for i in range(20)],
                "e": [EXPANSIONS[fastest[at, i][1]] for i in range(20)],
            }
        )
        for at, r in enumerate(RESOLUTIONS)
        for depths in product((2, 3, 4), repeat=5)
    )
    assert min(map(latency, members)) == pytest.approx(low)
