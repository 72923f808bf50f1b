from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluation, standard_error
from supernets.evaluate.race import Race, clocks
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, get_family, get_space
from tests.supernets.evaluate.toy import CLASSES, prepared, random_splits

IMAGES = 2000


def population(candidates: int, seed: int, centre: float = 0.3) -> np.ndarray:
    """Hits `(candidates, images)` on images of which most are easy or hard for all."""
    rng = np.random.default_rng(seed)
    chances = rng.beta(0.3, 0.3, IMAGES) * (1 - centre) + centre * rng.random(IMAGES)
    return rng.random((candidates, IMAGES)) < chances


def run(race: Race, hits: np.ndarray, block: int = 100) -> int:
    """Images after which a candidate stops."""
    seen = hits[race.order]
    return next((n for n in range(block, IMAGES, block) if not race.should_continue(seen[:n])), IMAGES)


def test_a_candidate_that_is_one_image_better_is_stopped_no_more_often_than_the_error_allows() -> None:
    hits = population(9, 0)
    complete, candidate = hits[:8], hits[8].copy()
    while candidate.sum() != complete.sum(1).max() + 1:
        more = candidate.sum() <= complete.sum(1).max()
        candidate[np.random.default_rng(int(candidate.sum())).choice(np.flatnonzero(candidate != more))] = more
    races = [Race(complete, clocks(f"order {i}", IMAGES), error=0.1) for i in range(300)]
    stopped = np.mean([run(race, candidate) < IMAGES for race in races])
    assert 0 < stopped < 0.1 + 2 * (0.1 * 0.9 / len(races)) ** 0.5


def test_a_candidate_that_is_far_behind_stops_early_and_keeps_an_estimate_below_the_best() -> None:
    hits = population(8, 1)
    best, worse = hits.sum(1).max(), population(1, 2)[0]
    rng = np.random.default_rng(0)
    worse[rng.choice(np.flatnonzero(worse), int(worse.sum() - best + 0.08 * IMAGES), replace=False)] = False
    missed = []
    for i in range(40):
        race = Race(hits, clocks(f"order {i}", IMAGES))
        end = run(race, worse)
        score = race.score(worse[race.order][:end])
        assert end < IMAGES / 2
        assert score.hits is None
        assert score.top1 < 100 * best / IMAGES
        assert score.stderr > standard_error(score.top1, IMAGES)
        missed.append((score.top1 - 100 * worse.mean()) / score.stderr)
    assert np.sqrt(np.mean(np.square(missed))) < 2


def test_who_sees_all_images_is_scored_as_without_a_race() -> None:
    complete = population(3, 3)
    race = Race(complete[:2], clocks("order", IMAGES))
    score = race.score(complete[2][race.order])
    top1 = 100 * complete[2].mean()
    assert score.top1 == pytest.approx(top1)
    assert score.stderr == pytest.approx(standard_error(top1, IMAGES))
    assert score.hits == np.packbits(complete[2]).tobytes()


def test_nobody_stops_where_there_is_nobody_to_beat_and_all_do_that_cannot_catch_up() -> None:
    nobody = np.zeros((0, IMAGES), dtype=np.bool_)
    order = clocks("order", IMAGES)
    assert run(Race(nobody, order), np.zeros(IMAGES, dtype=np.bool_)) == IMAGES
    assert run(Race(np.ones((1, IMAGES), dtype=np.bool_), order), population(1, 4)[0]) == 100
    # With a single one to beat, and with others that agree on every image.
    for complete in (population(1, 5), np.tile(population(1, 5), (3, 1))):
        assert run(Race(complete, order), complete[0] & (np.arange(IMAGES) % 4 > 0)) < IMAGES / 2
        assert run(Race(complete, order), complete[0] | (np.arange(IMAGES) % 40 == 0)) == IMAGES


def test_a_race_stops_candidates_and_leaves_the_scores_of_the_others_as_they_are() -> None:
    torch.manual_seed(0)
    net, rng = build_supernet("ofa", Scale(0.1), len(CLASSES)), random.Random(0)
    evaluator = SupernetEvaluator(net, random_splits(), **prepared("ofa"), batch=10, precision=torch.float32)
    archs = [net.space.sample(rng) for _ in range(3)]
    full = list(evaluator.evaluate(archs))
    first = sorted(evaluator.racing((), 0.01).evaluate(archs), key=lambda e: e.top1)[:2]
    assert {_score(e) for e in first} <= {_score(e) for e in full}
    complete = [e.hits for e in first if e.hits]
    raced = list(evaluator.racing(complete, 0.5).evaluate(archs))
    stopped = [e for e in raced if e.images < 60]
    assert 0 < len(stopped) < len(archs)
    assert all(e.hits is None and e.top1 < first[-1].top1 for e in stopped)
    assert all(_score(e) == _score(whole) for e, whole in zip(raced, full, strict=True) if e.images == 60)
    alone = next(evaluator.racing(complete, 0.5).evaluate([stopped[-1].architecture]))
    assert _score(alone) == _score(stopped[-1])


def _score(e: Evaluation) -> tuple[str, float, float, int]:
    return e.architecture.id, e.top1, e.stderr, e.images


def test_scores_that_cost_nothing_are_not_raced() -> None:
    known = get_family("nasbench201")
    table = known.evaluator(get_space("nasbench201"), "cifar10", 200)  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="leave it out"):
        table.racing((), 0.01)
