"""Curves of a finished run: the best score so far after each evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import nan
from typing import Any

from graph.archive.archive import Archive
from graph.limits import Limits
from graph.run_folder import RunFolder
from studies.compare.study import StudyRun
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

Report = Callable[[Architecture], float]
"""Top-1 of an architecture on the report split."""


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """Percentages; `search[i]` and `report[i]` belong to the best by search score after i + 1 evaluations.

    A run with several limits is one of these for each; `search` is NaN before anything is scored within the limit.
    """

    dataset: str
    """With the limit, where there are several."""
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


def read(run: StudyRun, space: SearchSpace, report: Report | None) -> list[FinishedRun]:
    """A run from its folder, once for each of its limits; `report` is given where it costs next to nothing."""
    folder = RunFolder(run.folder)
    result = json.loads(folder.result.read_text())
    with closing(Archive(folder.archive, space)) as archive:
        scored = archive.evaluations(1, archive.last_round)
    if "winners" not in result:
        return [_read(run, space, scored, result, result, run.dataset, None, report)]
    return [
        _read(run, space, scored, result, winner, ", ".join(filter(None, (run.dataset, str(limits)))), limits, report)
        for winner in result["winners"]
        for limits in [Limits(winner["limits"])]
    ]


def _read(
    run: StudyRun,
    space: SearchSpace,
    scored: Sequence[Evaluation],
    result: Mapping[str, Any],
    winner: Mapping[str, Any],
    label: str,
    limits: Limits | None,
    report: Report | None,
) -> FinishedRun:
    """The best within the limits; of the scores all count as spent."""
    spent = result["ledger"]["total"]
    search: list[float] = []
    reports: list[float] = []
    best = nan
    for evaluation in scored:
        within = limits is None or limits.excess(space.cost(evaluation.architecture)) is None
        better = within and not evaluation.top1 <= best
        best = evaluation.top1 if better else best
        search.append(best)
        if report:
            reports.append(report(evaluation.architecture) if better else reports[-1])
    return FinishedRun(
        dataset=label,
        strategy=run.folder.parent.name,
        seed=run.config.seed,
        search=tuple(search),
        report=tuple(reports),
        winner=space.parse(winner["architecture"]),
        winner_report=float(winner["report_top1"]),
        tokens=int(spent["prompt_tokens"]) + int(spent["completion_tokens"]),
        usd=spent["cost_usd"],
    )
