"""HS-NAS: its schedule, what it spends evaluations on, and what it must not do."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.config import Config
from graph.labels import Labels
from graph.run_folder import RunFolder
from graph.schedule import PAPER, USUAL
from graph.search import Search
from studies.run import load
from tests.graph.strategies.conformance import SPACE, Additive, StrategyConformance, search


class TestHSNAS(StrategyConformance):
    name = "hs-nas"


def test_a_schedule_belongs_to_hs_nas() -> None:
    with pytest.raises(UserError, match="schedule: expected the strategy hs-nas, got evolution"):
        Config(supernet="spos", strategy="evolution", schedule=PAPER)
    with pytest.raises(UserError, match="got the scorer 'gflops'"):
        Config(supernet="spos", strategy="hs-nas", schedule="gflops:3")
    assert "schedule" not in Config(supernet="spos", strategy="hs-nas").to_json()


def top1s(root: Path, schedule: str, evaluations: int = 60, **changes: Any) -> tuple[list[float], list[str]]:
    """Scores in their order, and what the strategy said before each round."""
    search(root, "hs-nas", evaluations=evaluations, schedule=schedule, **changes).run()
    (folder,) = root.iterdir()
    run = load(folder)
    return [e.top1 for e in run.evaluations], run.strategies


def test_predicted_generations_choose_better_networks_than_random_ones_and_cost_nothing(tmp_path: Path) -> None:
    scores, told = top1s(tmp_path, "predictor:15,measured:1")
    starts = 12
    assert len(scores) == 60
    assert told[0] == "Random networks are measured first: 0 of 12 are."
    assert told[1].startswith(
        "Iteration 1 of 1 that are measured: the best of 15 generations by a predictor fitted to 12"
    )
    # Were the worst taken instead of the best, as by a sort the wrong way round, these would be below.
    assert sum(scores[starts : starts + 16]) / 16 > max(scores[:starts]) - 0.5


def test_without_a_predictor_children_are_of_the_best_measured(tmp_path: Path) -> None:
    scores, told = top1s(tmp_path, "measured:6")
    assert told[1] == "Iteration 1 of 6 that are measured: children of the best 12 measured ones."
    assert not any("predictor" in text for text in told)
    assert sum(scores[-20:]) > sum(scores[:20])


def test_it_tells_how_far_predictions_were(tmp_path: Path) -> None:
    _, told = top1s(tmp_path, USUAL)
    assert " networks measured last were predicted " in told[-1]
    assert told[-1].endswith(" points from their scores on average.")


def test_the_measurements_are_spread_evenly_over_the_iterations(tmp_path: Path) -> None:
    search(tmp_path, "hs-nas", evaluations=60, schedule="measured:6").run()
    (folder,) = tmp_path.iterdir()
    run = load(folder)
    counts = [len([c for c in run.candidates if c.round == number]) for number in range(1, 8)]
    assert counts == [12, 8, 8, 8, 8, 8, 8]


def test_with_labels_nothing_is_measured_at_random_first(tmp_path: Path) -> None:
    rng, evaluator = random.Random(3), Additive()
    scores = {a: evaluator.report(a).top1 for a in (SPACE.sample(rng) for _ in range(60))}
    path = tmp_path / "labels.json"
    Labels(supernet="spos", model="a strong one", scores=scores).write(path)
    scored, told = top1s(tmp_path / "runs", "predictor:15,measured:3", evaluations=24, labels=str(path))
    assert told[0].startswith("Iteration 1 of 3 that are measured: the best of 15 generations")
    assert "by a predictor fitted to 60 labels of a strong one, which cost no evaluation" in told[0]
    assert sum(scored[:8]) / 8 > sum(scores.values()) / 60 + 1
    assert "networks measured last were predicted" not in told[0]


def test_other_labels_do_not_continue_a_run(tmp_path: Path) -> None:
    rng, path = random.Random(3), tmp_path / "labels.json"
    scores = {SPACE.sample(rng): 50.0 + i for i in range(20)}
    Labels(supernet="spos", model="m", scores=scores).write(path)
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "runs", "hs-nas", evaluator=Additive(stop_at=5), labels=str(path)).run()
    Labels(supernet="spos", model="m", scores={a: 100 - score for a, score in scores.items()}).write(path)
    (run,) = (tmp_path / "runs").iterdir()
    folder = RunFolder(run)
    again = Search(
        config=folder.config(), space=SPACE, evaluator=Additive(), models={}, folder=folder, sink=lambda event: None
    )
    with pytest.raises(UserError, match=r"the labels have changed since the run began .* restore the file"):
        again.run()
