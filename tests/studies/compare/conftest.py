"""A small study on a table, all of whose runs have finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from studies.compare.study import Study
from studies.compare.study_runner import Parts
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space

EVALUATIONS = 12


def assemble(config: Config) -> Parts:
    """What a search of the table needs; no strategy of these tests needs a model."""
    evaluator = open_evaluator(EvaluatorRequest(supernet=config.supernet, cache=Path("cache"))).evaluator
    return Parts(get_space(config.supernet), evaluator, {})


def make_study(root: Path, **changes: object) -> Study:
    values: dict[str, object] = {
        "base": Config(supernet="nasbench201", evaluations=EVALUATIONS), "root": root, "datasets": (None,),
        "strategies": ("random", "evolution"), "baseline": "random", "seeds": 2,
    }  # fmt: skip
    return Study(**{**values, **changes})  # type: ignore[arg-type]


def finish(study: Study) -> None:
    """Search every run of a study."""
    for run in study.runs():
        parts = assemble(run.config)
        Search(
            config=run.config, space=parts.space, evaluator=parts.evaluator, models=parts.models,
            folder=RunFolder.at(run.folder, run.config), sink=lambda event: None,
        ).run()  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = make_study(tmp_path_factory.mktemp("study"))
    finish(made)
    return made
