"""A finished run as a comparison looks at it: how far the best so far had come after each evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from graph.archive.archive import Archive
from graph.run_folder import RunFolder
from studies.compare.study import Cell
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

Report = Callable[[Architecture], float]
"""Top-1 of an architecture on images that no choice has seen."""


@dataclass(frozen=True)
class Finished:
    """Percentages; `search[i]` and `report[i]` belong to the best by search score after i + 1 evaluations."""

    dataset: str
    strategy: str
    seed: int
    search: tuple[float, ...]
    report: tuple[float, ...]
    """Empty where a report costs more than a look into a table; then only the winner has one."""
    winner: Architecture
    winner_report: float


def is_finished(cell: Cell) -> bool:
    return RunFolder(cell.folder).result.is_file()


def read(cell: Cell, space: SearchSpace, report: Report | None) -> Finished:
    """A run from its folder. `report`: given where it costs next to nothing."""
    folder = RunFolder(cell.folder)
    result = json.loads(folder.result.read_text())
    with closing(Archive(folder.archive, space)) as archive:
        scored = archive.evaluations(1, archive.last_round)
    search: list[float] = []
    reports: list[float] = []
    for evaluation in scored:
        better = not search or evaluation.top1 > search[-1]
        search.append(evaluation.top1 if better else search[-1])
        if report:
            reports.append(report(evaluation.architecture) if better else reports[-1])
    return Finished(
        cell.dataset, cell.folder.parent.name, cell.config.seed, tuple(search), tuple(reports),
        space.parse(result["architecture"]), float(result["report_top1"]),
    )  # fmt: skip
