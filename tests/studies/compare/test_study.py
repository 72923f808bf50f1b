"""Which runs a study has, and in which folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.config import Config
from tests.studies.compare.conftest import make_study


def test_every_strategy_runs_with_every_seed_in_a_folder_of_its_own(tmp_path: Path) -> None:
    runs = list(make_study(tmp_path).runs())
    assert [(run.config.strategy, run.config.seed) for run in runs] == [
        ("random", 0), ("random", 1), ("evolution", 0), ("evolution", 1)
    ]  # fmt: skip
    assert len({run.folder for run in runs}) == 4


def test_more_seeds_and_strategies_add_to_the_same_folder(tmp_path: Path) -> None:
    small = make_study(tmp_path)
    large = make_study(tmp_path, seeds=3, strategies=("random", "evolution", "local"))
    assert {run.folder for run in small.runs()} < {run.folder for run in large.runs()}
    other = make_study(tmp_path, base=Config(supernet="nasbench201", evaluations=99))
    assert other.folder != small.folder


def test_only_strategies_with_models_also_run_in_disguise(tmp_path: Path) -> None:
    model = ModelSettings(name="analyst")
    base = Config(supernet="nasbench201", models={"navigator": model, "generator": model}, disguise=True)
    study = make_study(tmp_path, base=base, strategies=("random", "collm"), seeds=1)
    labels = [(run.folder.parent.name, run.config.disguise) for run in study.runs()]
    assert labels == [("random", False), ("collm-analyst", False), ("collm-analyst-disguised", True)]
    assert study.reference == "random"


def test_a_strategy_runs_without_the_settings_that_it_does_not_use(tmp_path: Path) -> None:
    model = ModelSettings(name="analyst")
    models = {"navigator": model, "generator": model}
    base = Config(supernet="nasbench201", models=models, per_round=5, evidence=True, generator_results=True)
    study = make_study(tmp_path, base=base, strategies=("random", "evolution", "collm"), seeds=1)
    random, evolution, collm = (run.config for run in study.runs())
    assert (collm.per_round, collm.evidence, collm.generator_results) == (5, True, True)
    assert (random.per_round, random.evidence, random.generator_results) == (5, False, False)
    assert (evolution.per_round, evolution.evidence) == (16, False)


def test_every_set_of_models_is_a_row_of_each_strategy_with_models(tmp_path: Path) -> None:
    sets = {name: dict.fromkeys(("navigator", "generator"), ModelSettings(name=name)) for name in ("analyst", "local")}
    study = make_study(tmp_path, strategies=("random", "collm"), baseline="collm", seeds=1, models=sets)
    assert [run.folder.parent.name for run in study.runs()] == ["random", "collm-analyst", "collm-local"]
    assert study.reference == "collm-analyst"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategies": ("random", "magic")}, "unknown strategy 'magic'"),
        ({"strategies": ("random", "random")}, "--strategies: expected each once"),
        ({"strategies": ()}, "--strategies: expected at least one, got none"),
        ({"baseline": "local"}, "--baseline: expected one of random, evolution; got 'local'"),
        ({"seeds": 0}, "--seeds: expected 1 or more, got 0"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_study(tmp_path, **changes)
