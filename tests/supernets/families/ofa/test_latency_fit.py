"""A device of one's own: learned from the times of whole networks, kept in a file, read by a search."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from supernets.families.ofa.latency import OWN
from supernets.families.ofa.latency_fit import fit_layers
from supernets.families.ofa.latency_table import write_tables
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_family, get_space
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


def networks(space: SearchSpace, count: int, seed: int) -> list[Architecture]:
    rng = random.Random(seed)
    return [space.sample(rng) for _ in range(count)]


def times_on(device: str, archs: list[Architecture]) -> np.ndarray:
    space = get_space("ofa", None, device)
    return np.array([space.cost(a).latency_ms for a in archs])


def test_a_learned_device_foretells_networks_that_were_not_measured(tmp_path: Path) -> None:
    devices, space = get_family("ofa").devices, get_space("ofa")
    known, others = networks(space, 200, seed=0), networks(space, 100, seed=1)
    times = times_on("titan_rtx_32", known)
    times[::10] *= 1.5  # something else kept the machine busy
    assert devices.learn is not None
    note = devices.learn(space, known, times, "1 image on an abacus", tmp_path / "own.npz")
    own = get_space("ofa", None, str(tmp_path / "own.npz"))
    found = np.array([own.cost(a).latency_ms for a in others])
    assert np.median(np.abs(found / times_on("titan_rtx_32", others) - 1)) < 0.02
    assert own.latency is not None
    assert own.latency.note == note
    assert "1 image on an abacus" in note
    assert own.latency.minimum <= found.min() < found.max() <= own.latency.maximum


def test_errors_are_told_of_networks_that_the_fit_has_not_seen() -> None:
    space = get_space("ofa")
    assert isinstance(space, OFASpace)
    noise = np.exp(np.random.default_rng(0).normal(0, 0.2, 60))
    fitted = fit_layers(space, networks(space, 60, seed=0), 10 * noise)
    assert fitted.median_error > 10
    assert fitted.spearman < 0.5


def test_a_file_of_another_supernet_and_a_torn_one_are_refused(tmp_path: Path) -> None:
    write_tables(tmp_path / "own.npz", {f"ofa-proxyless/{OWN}": (np.ones((5, 22, 3, 3)), "An abacus.")})
    space = get_space("ofa-proxyless", None, str(tmp_path / "own.npz"))
    assert [cost.latency_ms for cost in space.bounds()] == [1 + 5 * 2 + 1, 1 + 5 * 4 + 1]
    (tmp_path / "torn.npz").write_bytes((tmp_path / "own.npz").read_bytes()[:99])
    for name in ("own.npz", "torn.npz"):
        with pytest.raises(UserError, match="expected a file that `measure --supernet ofa --out FILE` wrote"):
            get_space("ofa", None, str(tmp_path / name))
