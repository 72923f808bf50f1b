"""A study in numbers: tables for people, and CSV for programs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from studies.compare.curves import FinishedRun
from studies.compare.statistics import StrategySummary


def on_the_way(title: str, summaries: Sequence[StrategySummary]) -> Table:
    """The best so far after some numbers of evaluations, one row per strategy."""
    marks = list(dict.fromkeys(mark for summary in summaries for mark in summary.at))
    rows = [[_spread(*summary.at[mark]) if mark in summary.at else "" for mark in marks] for summary in summaries]
    return _table(title, summaries, [f"after {mark}" for mark in marks], rows)


def at_the_end(title: str, summaries: Sequence[StrategySummary], baseline: str, ranks: Mapping[str, float]) -> Table:
    """Final results, one row per strategy. `ranks`: strategy to the median rank of its winners; may be empty."""
    headings = ["found", "median", *(["rank"] if ranks else []), "99 % after", "p"]
    rows = [
        [
            _spread(summary.mean, summary.deviation),
            f"{summary.median:.2f}",
            *([f"{ranks[summary.strategy]:,.0f}"] if ranks else []),
            _arrival(summary),
            _p(summary.p),
        ]
        for summary in summaries
    ]
    return _table(f"{title}, p against {baseline}", summaries, headings, rows)


def _table(
    title: str, summaries: Sequence[StrategySummary], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> Table:
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False)
    shown.add_column("strategy", no_wrap=True)
    for heading in headings:
        shown.add_column(heading, justify="right", no_wrap=True)
    best = max(summary.mean for summary in summaries)
    for summary, row in zip(summaries, rows, strict=True):
        shown.add_row(summary.strategy, *row, style="bold" if summary.mean == best else None)
    return shown


def write_csv(runs: Sequence[FinishedRun], path: Path) -> None:
    """One row per evaluation of each run: the best search score so far, and its report score if there is one."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["dataset", "strategy", "seed", "evaluation", "search_top1", "report_top1"])
        for run in runs:
            for i, search in enumerate(run.search):
                report = run.report[i] if run.report else run.winner_report if i == len(run.search) - 1 else ""
                writer.writerow([run.dataset, run.strategy, run.seed, i + 1, search, report])


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.2f} ± {deviation:.2f}"


def _arrival(summary: StrategySummary) -> str:
    if summary.evaluations is None:
        return f"none of {summary.seeds}"
    return f"{summary.evaluations:.0f} ({summary.arrived} of {summary.seeds})"


def _p(p: float | None) -> str:
    return "" if p is None else f"{p:.3f}" if p >= 0.001 else "< 0.001"
