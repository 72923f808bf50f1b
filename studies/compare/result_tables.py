"""A study in numbers: tables for people, and CSV for programs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from studies.compare.curves import FinishedRun
from studies.compare.statistics import PAIRS, StrategySummary

_SPENT = ["tokens", "$"]
"""Mean of a run."""


def on_the_way(title: str, summaries: Sequence[StrategySummary], by_search: bool = False) -> Group:
    """The best so far after some numbers of evaluations, one row per strategy; `by_search`: its search score."""
    curves = [summary.at_search if by_search else summary.at for summary in summaries]
    marks = list(dict.fromkeys(mark for curve in curves for mark in curve))
    rows = [[_spread(*curve[mark]) if mark in curve else "" for mark in marks] for curve in curves]
    return _table(title, summaries, [f"after {mark}" for mark in marks], rows)


def at_the_end(title: str, summaries: Sequence[StrategySummary], baseline: str, ranks: Mapping[str, float]) -> Group:
    """Final results, one row per strategy. `ranks`: strategy to the median rank of its winners; may be empty."""
    spending = any(summary.tokens for summary in summaries)
    headings = ["found", "median", *(["rank"] if ranks else []), "99 % after", *_SPENT * spending, "p"]
    rows = [
        [
            _spread(summary.mean, summary.deviation),
            f"{summary.median:.2f}",
            *([f"{ranks[summary.strategy]:,.0f}"] if ranks else []),
            _arrival(summary),
            *([f"{summary.tokens:,.0f}", _usd(summary)] * spending),
            _p(summary.p),
        ]
        for summary in summaries
    ]
    note = f"p against {baseline}{_why_empty(summaries, baseline)}"
    return _table(title, summaries, headings, rows, note)


def _why_empty(summaries: Sequence[StrategySummary], baseline: str) -> str:
    """Why no strategy has a p value, where none has."""
    if any(summary.p is not None for summary in summaries):
        return ""
    if baseline not in {summary.strategy for summary in summaries}:
        return ": empty, as it is not part of this study"
    if len(summaries) == 1:
        return ": empty, as there is nothing else to compare"
    return f": empty, as a test of pairs needs {PAIRS} seeds or more"


def _table(
    title: str,
    summaries: Sequence[StrategySummary],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str = "",
) -> Group:
    # A title or a caption of a Table would wrap at the table's own width.
    shown = Table(box=None, pad_edge=False)
    shown.add_column("strategy", no_wrap=True)
    for heading in headings:
        shown.add_column(heading, justify="right", no_wrap=True)
    best = max(summary.mean for summary in summaries)
    for summary, row in zip(summaries, rows, strict=True):
        shown.add_row(summary.strategy, *row, style="bold" if summary.mean == best else None)
    return Group(Text(title, "italic"), shown, *([Text(note, "dim")] if note else []))


def write_csv(runs: Sequence[FinishedRun], path: Path) -> None:
    """One row per evaluation of each run: the best search score so far, and its report score if there is one."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["dataset", "strategy", "seed", "evaluation", "search_top1", "report_top1"])
        for run in runs:
            for i, search in enumerate(run.search):
                report = run.report[i] if run.report else run.winner_report if i == len(run.search) - 1 else ""
                writer.writerow([run.dataset, run.strategy, run.seed, i + 1, "" if isnan(search) else search, report])


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.2f} ± {deviation:.2f}"


def _arrival(summary: StrategySummary) -> str:
    if summary.evaluations is None:
        return f"none of {summary.seeds}"
    return f"{summary.evaluations:.0f} ({summary.arrived} of {summary.seeds})"


def _usd(summary: StrategySummary) -> str:
    if summary.usd is None:
        return "not known"
    return f"{summary.usd:.3g}" if summary.tokens else ""


def _p(p: float | None) -> str:
    return "" if p is None else f"{p:.3f}" if p >= 0.001 else "< 0.001"
