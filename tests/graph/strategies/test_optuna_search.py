"""Optuna's samplers keep the contract of all strategies; without Optuna, the error names the extra."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from tests.graph.strategies.conformance import StrategyConformance, recorded, search

needs_optuna = pytest.mark.skipif(importlib.util.find_spec("optuna") is None, reason="optuna is not installed")


@needs_optuna
class TestOptunaTPE(StrategyConformance):
    name = "optuna-tpe"


@needs_optuna
@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestOptunaGP(StrategyConformance):
    name = "optuna-gp"


@needs_optuna
def test_the_gaussian_process_proposes_the_same_with_the_same_seed(tmp_path: Path) -> None:
    sent: list[Any] = []
    for place in ("a", "b"):
        search(tmp_path / place, "optuna-gp", evaluations=12).run()
        sent.append([candidate.text for candidate in recorded(tmp_path / place)[0]])
    assert sent[0] == sent[1]
    assert len(set(sent[0])) == 12


@pytest.mark.parametrize("name", ["optuna-tpe", "optuna-gp"])
def test_without_optuna_the_error_names_the_extra(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None if module == "optuna" else found(module))
    with pytest.raises(UserError, match=rf"--strategy {name} needs the package optuna: .*collm-nas\[optuna\]"):
        search(tmp_path, name).run()
