"""A study as far as its runs have finished: what they found, and how that stands to what there was to find.

Notable: of a table everything is known, so its best and its median are the scale; elsewhere the scale is what the study
itself has seen, and says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from studies.compare.curves import Finished, is_finished, read
from studies.compare.run_cells import Assemble
from studies.compare.statistics import Scale, Summary, summaries
from studies.compare.study import Cell, Study
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


@dataclass(frozen=True)
class Outcome:
    """All by data set; ranks further by strategy, and only where all architectures are known."""

    runs: Sequence[Finished]
    summaries: Mapping[str, Sequence[Summary]]
    ranks: Mapping[str, Mapping[str, float]]
    scales: Mapping[str, Scale]
    note: str


def outcome(study: Study, assemble: Assemble) -> Outcome:
    runs: list[Finished] = []
    scales: dict[str, Scale] = {}
    ranks: dict[str, dict[str, float]] = {}
    by_dataset: dict[str, list[Cell]] = {}
    for cell in study.cells():
        if is_finished(cell):
            by_dataset.setdefault(cell.dataset, []).append(cell)
    for dataset, cells in by_dataset.items():
        parts = assemble(cells[0].config)
        table = parts.evaluator if isinstance(parts.evaluator, TableEvaluator) else None
        here = _read_all(cells, parts.space, table)
        runs += here
        scales[dataset] = _table_scale(table) if table else _seen_scale(here)
        if table:
            ranks[dataset] = _ranks(here, table)
    summed = summaries(runs, scales, study.reference)
    by = {dataset: [s for s in summed if s.dataset == dataset] for dataset in by_dataset}
    return Outcome(runs, by, ranks, scales, _KNOWN if ranks else _SEEN)


def _read_all(cells: Sequence[Cell], space: SearchSpace, table: TableEvaluator | None) -> list[Finished]:
    return [read(cell, space, (lambda a: table.report(a).top1) if table else None) for cell in cells]


def _table_scale(table: TableEvaluator) -> Scale:
    search, report = table.everything
    return Scale(median(search), max(search), max(report))


def _seen_scale(runs: Sequence[Finished]) -> Scale:
    return Scale(median(run.search[0] for run in runs), max(run.search[-1] for run in runs))


def _ranks(runs: Sequence[Finished], table: TableEvaluator) -> dict[str, float]:
    reports = sorted(table.everything[1])
    found: dict[str, list[int]] = {}
    for run in runs:
        found.setdefault(run.strategy, []).append(1 + len(reports) - bisect_right(reports, run.winner_report))
    return {strategy: median(places) for strategy, places in found.items()}
