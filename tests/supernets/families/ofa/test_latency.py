"""Latency of OFA sub-networks: bundled devices against published sums, and a device of the user's own."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from supernets.families.ofa.latency import OWN
from supernets.families.ofa.latency_table import write_tables
from supernets.families.registry import get_family, get_space
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace
from tests.paths import GOLDENS


def latency(space: SearchSpace, genotype: dict[str, object]) -> float:
    found = space.cost(space.parse(genotype)).latency_ms
    assert found is not None
    return found


def networks(space: SearchSpace, count: int, seed: int) -> list[Architecture]:
    rng = random.Random(seed)
    return [space.sample(rng) for _ in range(count)]


def times_on(device: str, archs: list[Architecture]) -> np.ndarray:
    space = get_space("ofa", None, device)
    return np.array([space.cost(a).latency_ms for a in archs])


def test_layers_on_a_note10_add_up_to_what_the_authors_add_them_up_to() -> None:
    space = get_space("ofa", None, "note10")
    rows = json.loads((GOLDENS / "ofa_tables.json").read_text())["rows"]
    for row in rows:
        genotype = {gene: row[gene] for gene in ("r", "d", "ks", "e")}
        assert latency(space, genotype) == pytest.approx(row["note10_ms"], rel=1e-6)
    assert len(rows) == 171


@pytest.mark.parametrize(("device", "measured"), [("v100_64", 21.33), ("titan_rtx_32", 13.74), ("2080ti_64", 28.40)])
def test_what_was_fitted_agrees_with_a_measured_network(device: str, measured: float) -> None:
    ks, e = map(int, "75555757573575337535"), map(int, "34366666663444644444")
    genotype = {"r": 208, "d": [2, 2, 3, 2, 3], "ks": list(ks), "e": list(e)}
    assert latency(get_space("ofa", None, device), genotype) == pytest.approx(measured, rel=0.01)


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


def test_a_file_of_another_supernet_and_a_torn_one_are_refused(tmp_path: Path) -> None:
    write_tables(tmp_path / "own.npz", {f"ofa-proxyless/{OWN}": (np.ones((5, 22, 3, 3)), "An abacus.")})
    space = get_space("ofa-proxyless", None, str(tmp_path / "own.npz"))
    assert [cost.latency_ms for cost in space.bounds()] == [1 + 5 * 2 + 1, 1 + 5 * 4 + 1]
    (tmp_path / "torn.npz").write_bytes((tmp_path / "own.npz").read_bytes()[:99])
    for name in ("own.npz", "torn.npz"):
        with pytest.raises(UserError, match="expected a file that `measure --supernet ofa --out FILE` wrote"):
            get_space("ofa", None, str(tmp_path / name))
