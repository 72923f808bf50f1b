"""Tabular benchmarks as tests open them."""

from __future__ import annotations

from pathlib import Path

from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluate.table import TableEvaluator
from supernets.evaluators import open_evaluator
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


def opened(name: str, **named: object) -> TableEvaluator:
    evaluator = open_evaluator(EvaluatorRequest(supernet=name, cache=Path("cache"), **named)).evaluator  # type: ignore[arg-type]
    assert isinstance(evaluator, TableEvaluator)
    return evaluator


def everything(space: SearchSpace) -> list[Architecture]:
    architectures = [space.smallest()]
    for i, dimension in enumerate(space.dimensions):
        gene = dimension.gene
        architectures = [
            space.parse({gene: [*a[gene][:i], choice, *a[gene][i + 1 :]]})
            for a in architectures
            for choice in dimension.choices
        ]
    return architectures


def best(scores: list[Evaluation]) -> float:
    return round(max(e.top1 for e in scores), 2)
