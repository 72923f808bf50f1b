"""What can be said of strategies from their finished runs, with errors.

Notable: strategies are compared seed by seed with Wilcoxon's signed-rank test, and Holm's correction covers all
comparisons of a study. Knows numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

from studies.compare.curves import Finished

MARKS = (10, 25, 50, 100, 200, 500, 1000)
"""Evaluations after which a study looks at the best so far, as far as its budget goes."""
NEARLY = 0.99
"""Share of the way from a typical architecture to the best one that counts as having arrived."""


@dataclass(frozen=True)
class Scale:
    """What a data set offers: a typical search score, the best one, and the best report where all are known."""

    typical: float
    best: float
    best_report: float | None = None

    @property
    def arrival(self) -> float:
        return self.typical + NEARLY * (self.best - self.typical)


@dataclass(frozen=True)
class Summary:
    """One strategy on one data set, over its seeds; top-1 in percent."""

    dataset: str
    strategy: str
    seeds: int
    at: Mapping[int, tuple[float, float]]
    """Evaluations to mean and standard deviation of the best so far: its report where there is one, else its search."""
    mean: float
    deviation: float
    median: float
    """Of the winner's report."""
    arrived: int
    """Seeds that came within 1 % of the way to the best."""
    evaluations: float | None
    """Median evaluations of those that arrived; None where none did."""
    p: float | None = None
    """Of the difference to the baseline, corrected; None for the baseline and for too few seeds."""


def summaries(runs: Sequence[Finished], scales: Mapping[str, Scale], baseline: str) -> list[Summary]:
    """One for each data set and strategy, in the order of the runs."""
    groups: dict[tuple[str, str], list[Finished]] = {}
    for run in runs:
        groups.setdefault((run.dataset, run.strategy), []).append(run)
    raw = {key: _difference(group, groups.get((key[0], baseline), [])) for key, group in groups.items()}
    corrected = _holm({key: p for key, p in raw.items() if p is not None and key[1] != baseline})
    return [_summary(group, scales[key[0]], corrected.get(key)) for key, group in groups.items()]


def _summary(group: Sequence[Finished], scale: Scale, p: float | None) -> Summary:
    longest = max(len(run.search) for run in group)
    reports = np.array([run.winner_report for run in group])
    arrivals = [i for run in group if (i := _arrival(run, scale)) is not None]
    return Summary(
        group[0].dataset,
        group[0].strategy,
        len(group),
        {mark: _spread([_at(run, mark) for run in group]) for mark in MARKS if mark <= longest},
        *_spread(reports),
        float(np.median(reports)),
        len(arrivals),
        float(np.median(arrivals)) if arrivals else None,
        p,
    )


def _at(run: Finished, mark: int) -> float:
    curve = run.report or run.search
    return curve[min(mark, len(curve)) - 1]


def _spread(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    array = np.asarray(values, dtype=float)
    return float(array.mean()), float(array.std(ddof=1)) if len(array) > 1 else 0.0


def _arrival(run: Finished, scale: Scale) -> int | None:
    return next((i for i, top1 in enumerate(run.search, start=1) if top1 >= scale.arrival), None)


def _difference(group: Sequence[Finished], baseline: Sequence[Finished]) -> float | None:
    """The two-sided p of no difference between runs of equal seeds; None for fewer than five pairs."""
    others = {run.seed: run.winner_report for run in baseline}
    pairs = [(run.winner_report, others[run.seed]) for run in group if run.seed in others]
    if len(pairs) < 5:
        return None
    differences = np.array([a - b for a, b in pairs])
    return float(wilcoxon(differences).pvalue) if differences.any() else 1.0


def _holm(raw: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    corrected: dict[tuple[str, str], float] = {}
    least = 0.0
    for i, (key, p) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        least = max(least, min(1.0, (len(raw) - i) * p))
        corrected[key] = least
    return corrected
