"""Results of a model's rankings: Kendall's tau with its error, the confusion matrix, and a JSON file of all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from studies.ranking.trials import PLACES, Ranked

SCHEMA = 1


@dataclass(frozen=True)
class RankingResults:
    """Trials without a ranking count only as broken answers."""

    ranked: Sequence[Ranked]

    @property
    def taus(self) -> list[float]:
        return [one.tau for one in self.ranked if one.tau is not None]

    @property
    def tau(self) -> float | None:
        """The mean; None where nothing was ranked."""
        return mean(self.taus) if self.taus else None

    @property
    def stderr(self) -> float | None:
        """Standard error of the mean; None for fewer than two."""
        return stdev(self.taus) / math.sqrt(len(self.taus)) if len(self.taus) > 1 else None

    @property
    def broken(self) -> int:
        """Number of answers that could not be used."""
        return sum(len(one.ranking.problems) for one in self.ranked)

    @property
    def confusion(self) -> list[list[int]]:
        """`[decile][place]`: how often the network of a decile was given a place; the best first."""
        counts = [[0] * PLACES for _ in range(PLACES)]
        for one in self.ranked:
            for decile, place in enumerate(one.places if one.ranking.labels else ()):
                counts[decile][place] += 1
        return counts

    def write(self, path: Path, settings: Mapping[str, object]) -> None:
        """Write a JSON file; `settings` describes the trials in JSON types."""
        figures = {
            "tau": self.tau, "stderr": self.stderr, "trials": len(self.ranked), "ranked": len(self.taus),
            "broken_answers": self.broken, "confusion": self.confusion,
        }  # fmt: skip
        trials = [
            {
                "number": one.trial.number, "shown": one.trial.shown, "top1": one.trial.top1, "tau": one.tau,
                "ranking": one.ranking.labels, "problems": one.ranking.problems,
            }
            for one in self.ranked
        ]  # fmt: skip
        path.write_text(json.dumps({"schema": SCHEMA, **settings, **figures, "each": trials}, indent=2) + "\n")
