"""Statistics of strategies over their finished runs, with errors.

Notable: strategies are compared seed by seed with Wilcoxon's signed-rank test, with Holm's correction over all
comparisons of a study. Knows numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

from studies.compare.curves import FinishedRun

MARKS = (10, 25, 50, 100, 200, 500, 1000)
"""Evaluations after which a study reports the best so far, up to its budget."""
NEARLY = 0.99
"""Share of the distance from a typical score to the best one at which a run has arrived."""
PAIRS = 5
"""Fewest seeds for a p value."""


@dataclass(frozen=True)
class ScoreRange:
    """Scores of a data set: a typical search score, the best one, and the best report score where all are known."""

    typical: float
    best: float
    best_report: float | None = None

    @property
    def arrival(self) -> float:
        return self.typical + NEARLY * (self.best - self.typical)


@dataclass(frozen=True, kw_only=True)
class StrategySummary:
    """One strategy on one data set, over its seeds; top-1 in percent."""

    dataset: str
    strategy: str
    seeds: int
    at: Mapping[int, tuple[float, float]]
    """Evaluations to mean and standard deviation of the best so far: its report where there is one, else its search."""
    at_search: Mapping[int, tuple[float, float]]
    """The same of the search score."""
    mean: float
    deviation: float
    median: float
    """Median report score of the winners."""
    arrived: int
    """Seeds that came within 1 % of the way to the best."""
    evaluations: float | None
    """Median evaluations of those that arrived; None where none did."""
    tokens: float = 0.0
    """Mean tokens of a run."""
    usd: float | None = 0.0
    """Mean cost of a run in US dollars; None if a price is not known."""
    p: float | None = None
    """Corrected p value of the difference from the baseline; None for the baseline and for too few seeds."""


def summaries(runs: Sequence[FinishedRun], ranges: Mapping[str, ScoreRange], baseline: str) -> list[StrategySummary]:
    """One for each data set and strategy, in the order of the runs."""
    groups: dict[tuple[str, str], list[FinishedRun]] = {}
    for run in runs:
        groups.setdefault((run.dataset, run.strategy), []).append(run)
    raw = {key: _difference(group, groups.get((key[0], baseline), [])) for key, group in groups.items()}
    corrected = _holm({key: p for key, p in raw.items() if p is not None and key[1] != baseline})
    return [_summary(group, ranges[key[0]], corrected.get(key)) for key, group in groups.items()]


def _summary(group: Sequence[FinishedRun], score_range: ScoreRange, p: float | None) -> StrategySummary:
    costs = [run.usd for run in group]
    longest = max(len(run.search) for run in group)
    marks = [mark for mark in MARKS if mark <= longest]
    reports = np.array([run.winner_report for run in group])
    arrivals = [i for run in group if (i := _arrival(run, score_range)) is not None]
    mean, deviation = _spread(reports)
    return StrategySummary(
        dataset=group[0].dataset,
        strategy=group[0].strategy,
        seeds=len(group),
        at=_marked([run.report or run.search for run in group], marks),
        at_search=_marked([run.search for run in group], marks),
        mean=mean,
        deviation=deviation,
        median=float(np.median(reports)),
        arrived=len(arrivals),
        evaluations=float(np.median(arrivals)) if arrivals else None,
        tokens=float(np.mean([run.tokens for run in group])),
        usd=None if None in costs else float(np.mean([usd for usd in costs if usd is not None])),
        p=p,
    )


def _marked(curves: Sequence[Sequence[float]], marks: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Mean and standard deviation at the marks at which every curve has a value."""
    values = {mark: [_at(curve, mark) for curve in curves] for mark in marks}
    return {mark: _spread(each) for mark, each in values.items() if np.isfinite(each).all()}


def _at(curve: Sequence[float], mark: int) -> float:
    return curve[min(mark, len(curve)) - 1]


def _spread(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    array = np.asarray(values, dtype=float)
    return float(array.mean()), float(array.std(ddof=1)) if len(array) > 1 else 0.0


def _arrival(run: FinishedRun, score_range: ScoreRange) -> int | None:
    return next((i for i, top1 in enumerate(run.search, start=1) if top1 >= score_range.arrival), None)


def _difference(group: Sequence[FinishedRun], baseline: Sequence[FinishedRun]) -> float | None:
    """The two-sided p of no difference between runs of equal seeds; None for fewer than `PAIRS`."""
    others = {run.seed: run.winner_report for run in baseline}
    pairs = [(run.winner_report, others[run.seed]) for run in group if run.seed in others]
    if len(pairs) < PAIRS:
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
