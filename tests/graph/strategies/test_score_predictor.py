"""Predicted scores agree with the scores that they are fitted to."""

from __future__ import annotations

import random

import numpy as np

from graph.labels import Labels
from graph.strategies.score_predictor import ScorePredictor
from tests.graph.strategies.conformance import SPACE, Additive


def test_it_ranks_networks_that_it_was_not_fitted_to() -> None:
    rng, evaluator = random.Random(0), Additive()
    scored = [evaluator.report(SPACE.sample(rng)) for _ in range(60)]
    others = [evaluator.report(SPACE.sample(rng)) for _ in range(40)]
    predict = ScorePredictor.of_scores(SPACE, "macs_m", scored)
    found = predict([each.architecture for each in others])
    assert np.corrcoef(found, [each.top1 for each in others])[0, 1] > 0.8
    assert abs(float(found.mean()) - float(np.mean([each.top1 for each in others]))) < 1


def test_labels_are_learnt_like_scores() -> None:
    rng, evaluator = random.Random(0), Additive()
    scores = {a: evaluator.report(a).top1 for a in (SPACE.sample(rng) for _ in range(60))}
    predict = ScorePredictor.of_labels(SPACE, "macs_m", Labels(supernet="spos", model="m", scores=scores))
    assert np.corrcoef(predict(list(scores)), list(scores.values()))[0, 1] > 0.95
