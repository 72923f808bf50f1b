from __future__ import annotations

import random

import pytest

from supernets.evaluate.evaluator import GROUP
from supernets.evaluate.ray.batching import chunks
from supernets.families.registry import get_space

SPACE = get_space("ofa")
ARCHS = [SPACE.sample(random.Random(seed)) for seed in range(32)]


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_every_candidate_is_in_one_chunk_and_chunks_are_equal_work(workers: int) -> None:
    found = chunks(ARCHS, SPACE, workers)
    assert sorted(a.id for chunk in found for a in chunk) == sorted(a.id for a in ARCHS)
    assert len(found) % workers == 0
    assert max(map(len, found)) <= 1.5 * GROUP
    work = [sum(SPACE.cost(a).macs_m for a in chunk) for chunk in found]
    assert max(work) < 1.3 * sum(work) / len(work)


def test_candidates_that_begin_alike_stay_together() -> None:
    rng = random.Random(0)
    parents = [SPACE.parse({"r": r, "d": [3] * 5, "ks": [5] * 20, "e": [4] * 20}) for r in (160, 192, 224)]
    last = [replace for parent in parents for replace in SPACE.neighbours(parent) if replace["ks"][16:] != (5,) * 4]
    alike = [a for a in last if a["r"] in (160, 192, 224)]
    rng.shuffle(alike)
    for chunk in chunks(alike, SPACE, 3):
        assert len({a["r"] for a in chunk}) <= 2
