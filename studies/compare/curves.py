"""Curves of a finished run: the best score so far after each evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from graph.archive.archive import Archive
from graph.run_folder import RunFolder
from studies.compare.study import StudyRun
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

Report = Callable[[Architecture], float]
"""Top-1 of an architecture on the report split."""


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """Percentages; `search[i]` and `report[i]` belong to the best by search score after i + 1 evaluations."""

    dataset: str
    strategy: str
    seed: int
    search: tuple[float, ...]
    report: tuple[float, ...]
    """Empty unless a report score is a table look-up; otherwise only the winner has one."""
    winner: Architecture
    winner_report: float
    tokens: int = 0
    """Tokens of all calls of models."""
    usd: float | None = 0.0
    """Cost of all calls in US dollars; None if a price is not known."""


def is_finished(run: StudyRun) -> bool:
    return RunFolder(run.folder).result.is_file()


def read(run: StudyRun, space: SearchSpace, report: Report | None) -> FinishedRun:
    """A run from its folder; `report` is given where it costs next to nothing."""
    folder = RunFolder(run.folder)
    result = json.loads(folder.result.read_text())
    with closing(Archive(folder.archive, space)) as archive:
        scored = archive.evaluations(1, archive.last_round)
    spent = result["ledger"]["total"]
    search: list[float] = []
    reports: list[float] = []
    for evaluation in scored:
        better = not search or evaluation.top1 > search[-1]
        search.append(evaluation.top1 if better else search[-1])
        if report:
            reports.append(report(evaluation.architecture) if better else reports[-1])
    return FinishedRun(
        dataset=run.dataset,
        strategy=run.folder.parent.name,
        seed=run.config.seed,
        search=tuple(search),
        report=tuple(reports),
        winner=space.parse(result["architecture"]),
        winner_report=float(result["report_top1"]),
        tokens=int(spent["prompt_tokens"]) + int(spent["completion_tokens"]),
        usd=spent["cost_usd"],
    )
