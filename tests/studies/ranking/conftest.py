"""Trials on the real table, shared by all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from studies.ranking.trials import Trial, trials
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluate.table import TableEvaluator
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space

SPACE = get_space("nasbench201", "cifar10")


@pytest.fixture(scope="module")
def table() -> TableEvaluator:
    evaluator = open_evaluator(EvaluatorRequest(supernet="nasbench201", cache=Path("cache"))).evaluator
    assert isinstance(evaluator, TableEvaluator)
    return evaluator


@pytest.fixture(scope="module")
def drawn(table: TableEvaluator) -> list[Trial]:
    return list(trials(table, SPACE, SPACE, 0, 4))
