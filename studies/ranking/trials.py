"""Blind trials: ten networks of a table, one from each decile of accuracy, for a model to rank.

Notable: accuracies are report scores, and a trial depends only on the seed and its number, so more trials add to
earlier ones. A trial contains the answer; a model sees only labels and genes.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scipy.stats import kendalltau

from agents.roles.ranker import Ranking
from supernets.evaluate.table import TableEvaluator, at_row
from supernets.space.space import SearchSpace

PLACES = 10


@dataclass(frozen=True)
class Trial:
    number: int
    """Counted from 1."""
    shown: Mapping[str, dict[str, Any]]
    """Label to genes, in the order in which they are shown."""
    top1: Mapping[str, float]
    """Label to accuracy in percent, the best first: one from each decile."""


@dataclass(frozen=True)
class Ranked:
    """A trial with the model's answer to it."""

    trial: Trial
    ranking: Ranking

    @property
    def places(self) -> list[int]:
        """The place that the model gave to the network of each decile, the best first; 0 is its best."""
        return [self.ranking.labels.index(label) for label in self.trial.top1]

    @property
    def tau(self) -> float | None:
        """Kendall's tau-b between places and accuracies; None without a ranking."""
        if not self.ranking.labels:
            return None
        return float(kendalltau([-place for place in self.places], list(self.trial.top1.values())).statistic)


def trials(
    table: TableEvaluator, space: SearchSpace, agent_space: SearchSpace, seed: int, count: int
) -> Iterator[Trial]:
    """`agent_space`: the space as the model sees it, itself or disguised."""
    top1, at = table.everything[1], at_row(space)
    rows = sorted(range(len(top1)), key=lambda row: -top1[row])
    bounds = [len(rows) * place // PLACES for place in range(PLACES + 1)]
    for number in range(1, count + 1):
        rng = random.Random(f"rank:{seed}:{number}")
        drawn = [rng.choice(rows[low:high]) for low, high in pairwise(bounds)]
        labels = rng.sample(string.ascii_uppercase[:PLACES], PLACES)
        genes = {
            label: dict(agent_space.to_disguised(at(row).to_dict())) for label, row in zip(labels, drawn, strict=True)
        }
        yield Trial(
            number,
            {label: genes[label] for label in sorted(labels)},
            {label: top1[row] for label, row in zip(labels, drawn, strict=True)},
        )
