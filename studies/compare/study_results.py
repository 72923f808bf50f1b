"""The results of a study's finished runs, relative to the range of possible scores.

Notable: all scores of a table are known, so its median and its best are the range; elsewhere the range is estimated
from the study itself, and the note says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import median

from graph.limits import Limits
from studies.compare.curves import FinishedRun, is_finished, read
from studies.compare.statistics import ScoreRange, StrategySummary, summaries
from studies.compare.study import Study, StudyRun
from studies.compare.study_runner import Assemble
from supernets.evaluate.table import TableEvaluator, at_row
from supernets.space.space import SearchSpace

_KNOWN = (
    "After n evaluations: report top-1 of the best by search score, mean ± s.d. over seeds. 99 %: of the way from the "
    "median of all architectures within the limits to the best, by search score; median over the seeds that arrived. "
    "Rank: of the winner among them, by report. p: Wilcoxon's signed-rank test over seeds, Holm's correction."
)
_SEEN = (
    "After n evaluations: search top-1 of the best so far, mean ± s.d. over seeds; winner: its report top-1. 99 %: of "
    "the way from the median first score to the best that any run found, by search score. p: Wilcoxon's signed-rank "
    "test over seeds, Holm's correction."
)


@dataclass(frozen=True, kw_only=True)
class StudyResults:
    """Results by data set, or by data set and limit where there are several.

    Ranks are also by strategy, and only where all architectures are known.
    """

    runs: Sequence[FinishedRun]
    summaries: Mapping[str, Sequence[StrategySummary]]
    ranks: Mapping[str, Mapping[str, float]]
    ranges: Mapping[str, ScoreRange]
    note: str


def read_results(study: Study, assemble: Assemble) -> StudyResults:
    runs: list[FinishedRun] = []
    ranges: dict[str, ScoreRange] = {}
    ranks: dict[str, dict[str, float]] = {}
    by_dataset: dict[str, list[StudyRun]] = {}
    for run in study.runs():
        if is_finished(run):
            by_dataset.setdefault(run.dataset, []).append(run)
    for dataset, finished in by_dataset.items():
        parts = assemble(finished[0].config)
        table = parts.evaluator if isinstance(parts.evaluator, TableEvaluator) else None
        if study.base.has_turns:
            # What a table knows of all architectures says nothing about those within a limit.
            table = None
        here = _read_all(finished, parts.space, table)
        runs += here
        for label in dict.fromkeys(run.dataset for run in here):
            ranges[label] = _seen_range([r for r in here if r.dataset == label])
        if table:
            search, report = _within(table, parts.space, Limits(study.base.limits))
            ranges[dataset] = ScoreRange(median(search), max(search), max(report))
            ranks[dataset] = _ranks(here, report)
    summed = summaries(runs, ranges, study.reference)
    by = {label: [s for s in summed if s.dataset == label] for label in ranges}
    return StudyResults(runs=runs, summaries=by, ranks=ranks, ranges=ranges, note=_KNOWN if ranks else _SEEN)


def _read_all(runs: Sequence[StudyRun], space: SearchSpace, table: TableEvaluator | None) -> list[FinishedRun]:
    report = (lambda a: table.report(a).top1) if table else None
    return [each for run in runs for each in read(run, space, report)]


def _within(table: TableEvaluator, space: SearchSpace, limits: Limits) -> tuple[list[float], list[float]]:
    """Search and report scores of all architectures that keep the limits."""
    search, report = table.everything
    if not limits.maxima:
        return list(search), list(report)
    at = at_row(space)
    kept = [row for row in range(len(search)) if limits.excess(space.cost(at(row))) is None]
    return [search[row] for row in kept], [report[row] for row in kept]


def _seen_range(runs: Sequence[FinishedRun]) -> ScoreRange:
    firsts = (next(top1 for top1 in run.search if not isnan(top1)) for run in runs)
    return ScoreRange(median(firsts), max(run.search[-1] for run in runs))


def _ranks(runs: Sequence[FinishedRun], known: Sequence[float]) -> dict[str, float]:
    """Median rank of each strategy's winners among the known report scores."""
    reports = sorted(known)
    found: dict[str, list[int]] = {}
    for run in runs:
        found.setdefault(run.strategy, []).append(1 + len(reports) - bisect_right(reports, run.winner_report))
    return {strategy: median(places) for strategy, places in found.items()}
