"""Distillation: a model scores random sub-networks once, and a fit to its labels predicts as it does (LLM-Distill-PP).

After Jawahar et al., Findings of ACL 2024, who label 3,000 networks and train a network of 400 x 4 units; the analyst's
regression takes milliseconds and needs some hundred.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import fmean

from graph.labels import Labels
from graph.strategies.score_predictor import ScorePredictor
from studies.prediction.task import Network
from studies.run import Run
from supernets.space.architecture import Architecture

TRIES = 200
"""Most draws for each network that is wanted."""


def networks_to_label(run: Run, count: int, seed: int) -> list[Architecture]:
    """Random sub-networks within the limits of a run that it has not scored, spread as random ones are.

    Fewer than `count` where the space has no more.
    """
    rng, space = random.Random(f"distill:{seed}"), run.space
    limits = run.sweep.widest
    known = {score.architecture for score in run.evaluations}
    found: list[Architecture] = []
    for _ in range(TRIES * count):
        if len(found) == count:
            break
        a = space.sample(rng)
        if a not in known and limits.excess(space.cost(a)) is None:
            known.add(a)
            found.append(a)
    return found


def distilled(run: Run, labels: Labels, networks: Sequence[Network]) -> list[float]:
    """Predictions for networks of the run by a fit to labels."""
    column = run.sweep.widest.main_column
    predict = ScorePredictor.of_labels(run.space, column, labels)
    return [float(each) for each in predict([network.architecture for network in networks if network.architecture])]


def difference(fitted: Sequence[Sequence[float]], predicted: Sequence[Sequence[float | None]]) -> float:
    """Mean absolute difference between a fit and the model that it imitates, on networks that both predict."""
    pairs = [
        (f, p)
        for own, asked in zip(fitted, predicted, strict=True)
        for f, p in zip(own, asked, strict=True)
        if p is not None
    ]
    return fmean(abs(f - p) for f, p in pairs) if pairs else float("nan")
