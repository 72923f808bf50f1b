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

from studies.compare.curves import FinishedRun, is_finished, read
from studies.compare.statistics import ScoreRange, StrategySummary, summaries
from studies.compare.study import Study, StudyRun
from studies.compare.study_runner import Assemble
from supernets.evaluate.table import TableEvaluator
from supernets.space.space import SearchSpace

_KNOWN = (
    "After n evaluations: report top-1 of the best by search score, mean ± s.d. over seeds. 99 %: of the way from the "
    "median of all architectures to the best, by search score; median over the seeds that arrived. Rank: of the winner "
    "among all architectures, by report. p: Wilcoxon's signed-rank test over seeds, Holm's correction."
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
            ranges[label] = _table_range(table) if table else _seen_range([r for r in here if r.dataset == label])
        if table:
            ranks[dataset] = _ranks(here, table)
    summed = summaries(runs, ranges, study.reference)
    by = {label: [s for s in summed if s.dataset == label] for label in ranges}
    return StudyResults(runs=runs, summaries=by, ranks=ranks, ranges=ranges, note=_KNOWN if ranks else _SEEN)


def _read_all(runs: Sequence[StudyRun], space: SearchSpace, table: TableEvaluator | None) -> list[FinishedRun]:
    report = (lambda a: table.report(a).top1) if table else None
    return [each for run in runs for each in read(run, space, report)]


def _table_range(table: TableEvaluator) -> ScoreRange:
    search, report = table.everything
    return ScoreRange(median(search), max(search), max(report))


def _seen_range(runs: Sequence[FinishedRun]) -> ScoreRange:
    firsts = (next(top1 for top1 in run.search if not isnan(top1)) for run in runs)
    return ScoreRange(median(firsts), max(run.search[-1] for run in runs))


def _ranks(runs: Sequence[FinishedRun], table: TableEvaluator) -> dict[str, float]:
    reports = sorted(table.everything[1])
    found: dict[str, list[int]] = {}
    for run in runs:
        found.setdefault(run.strategy, []).append(1 + len(reports) - bisect_right(reports, run.winner_report))
    return {strategy: median(places) for strategy, places in found.items()}
