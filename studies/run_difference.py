"""What differs between two runs: settings, and what was found with what effort."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from studies.run import Run
from supernets.evaluate.evaluator import Evaluation
from supernets.space.cost import COST_KINDS

Row = tuple[str, str, str]
"""Name, and the values of the first and the second run."""


@dataclass(frozen=True)
class RunDifference:
    runs: tuple[str, str]
    settings: list[Row]
    """Those that differ."""
    found: list[Row]
    """Scores, costs and efforts, whether they differ or not, and the genes in which the best networks differ."""
    difference: float | None
    """Report score of the second run less that of the first, in percentage points; None if they cannot be compared."""
    difference_error: float | None
    """Its standard error, at most: that of independent scores."""
    note: str
    """What the difference is, or why there is none, in a sentence."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_difference(first: Run, second: Run) -> RunDifference:
    """Compare two runs; scores are compared if both were taken under one protocol."""
    difference, error, note = _difference(first, second)
    return RunDifference(
        (first.id, second.id), list(_settings(first, second)), list(_found(first, second)), difference, error, note
    )


def _settings(first: Run, second: Run) -> Iterator[Row]:
    values = [json.loads(run.config.to_json()) for run in (first, second)]
    for run, each in zip((first, second), values, strict=True):
        each["models"] = {role: model.name for role, model in run.config.models.items()}
    for name in {**values[0], **values[1]}:
        there, here = (_text(each.get(name)) for each in values)
        if there != here:
            yield name, there, here


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


def _found(first: Run, second: Run) -> Iterator[Row]:
    both = (first, second)

    def row(name: str, *values: str) -> Row:
        return name, values[0], values[1]

    yield row("best", *("none" if run.best is None else run.best.architecture.id for run in both))
    yield row("search top-1", *(_score(run.best) for run in both))
    yield row("report top-1", *(_score(run.report) for run in both))
    for name, kind in COST_KINDS.items():
        figures = [None if run.best is None else run.space.cost(run.best.architecture).figure(name) for run in both]
        if any(figure is not None for figure in figures):
            shown = ("none" if figure is None else f"{figure:.{kind.digits}f} {kind.unit}" for figure in figures)
            yield row(kind.label, *shown)
    yield row("evaluations", *(f"{run.total.evaluated:,}" for run in both))
    yield row("tokens", *(f"{run.total.prompt_tokens + run.total.completion_tokens:,}" for run in both))
    yield row("seconds", *(f"{run.seconds:,.0f}" for run in both))
    yield row("state", *(run.stopped_because or "not finished" for run in both))
    yield from _genes(first, second)


def _score(score: Evaluation | None) -> str:
    return "none" if score is None else f"{score.top1:.2f} ± {score.stderr:.2f} %"


def _genes(first: Run, second: Run) -> Iterator[Row]:
    if first.best is None or second.best is None or first.space.name != second.space.name:
        return
    there, here = (run.space.genotype(run.best.architecture) for run in (first, second) if run.best is not None)
    for gene in {**there, **here}:
        if there.get(gene) != here.get(gene):
            yield gene, _text(there.get(gene)), _text(here.get(gene))


def _difference(first: Run, second: Run) -> tuple[float | None, float | None, str]:
    if first.report is None or second.report is None:
        return None, None, "A report score is missing, so there is no difference."
    if different := first.protocol.differences(second.protocol.to_dict()):
        return None, None, f"The scores were taken differently and cannot be compared ({'; '.join(different)})."
    difference = second.report.top1 - first.report.top1
    error = (first.report.stderr**2 + second.report.stderr**2) ** 0.5
    shown = f"Report of the second less the first: {difference:+.2f} ± {error:.2f} points."
    return difference, error, f"{shown} The error is that of independent scores; on the same images it is smaller."
