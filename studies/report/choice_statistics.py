"""Which choices did well: the mean score of the networks that have each choice, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import value_of
from supernets.space.space import SearchSpace


def choice_statistics(space: SearchSpace, scores: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """For each dimension its label and, for each choice, the number of scored networks, their mean and its error.

    Only networks in which the dimension acts count; the error is that of a mean, None for fewer than two. Differences
    between choices are not their effects: what a choice comes with differs, too.
    """
    found: list[dict[str, Any]] = []
    active = [(score, space.active(score.architecture)) for score in scores]
    for dimension in space.dimensions:
        rows: list[list[Any]] = []
        for choice in dimension.choices:
            top1 = [
                score.top1
                for score, acting in active
                if dimension.label in acting and value_of(score.architecture, dimension) == choice
            ]
            mean = round(fmean(top1), 3) if top1 else None
            error = round(stdev(top1) / len(top1) ** 0.5, 3) if len(top1) > 1 else None
            rows.append([choice, len(top1), mean, error])
        found.append({"label": dimension.label, "meaning": dimension.meaning, "choices": rows})
    return found
