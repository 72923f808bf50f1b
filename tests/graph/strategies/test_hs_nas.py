"""HS-NAS: its schedule, what it spends evaluations on, and what it must not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import UserError
from graph.config import Config
from graph.strategies.hs_nas import PAPER, USUAL, Schedule
from studies.run import load
from tests.graph.strategies.conformance import StrategyConformance, search


class TestHSNAS(StrategyConformance):
    name = "hs-nas"


def test_a_schedule_is_read_as_scorers_and_iterations() -> None:
    schedule = Schedule.parse("predictor:15, measured:2,predictor:3,measured:1")
    assert schedule.measured == 3
    assert [schedule.predicted_before(i) for i in range(3)] == [15, 0, 3]
    assert Schedule.parse(PAPER).measured == 15
    assert [Schedule.parse(USUAL).predicted_before(i) for i in range(5)] == [15] * 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss:3,measured:1", r"got the scorer 'loss'"),
        ("predictor:0,measured:1", r"each 1 to 1000, got '0' after predictor"),
        ("predictor,measured:1", r"got '' after predictor"),
        ("predictor:²,measured:1", r"got '²' after predictor"),
        ("measured:5,predictor:5", r"expected measured at the end"),
        ("", r"got the scorer ''"),
    ],
)
def test_what_is_no_schedule_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Schedule.parse(text)


def test_a_schedule_belongs_to_hs_nas() -> None:
    with pytest.raises(UserError, match="schedule: expected the strategy hs-nas, got evolution"):
        Config(supernet="spos", strategy="evolution", schedule=PAPER)
    with pytest.raises(UserError, match="got the scorer 'gflops'"):
        Config(supernet="spos", strategy="hs-nas", schedule="gflops:3")
    assert "schedule" not in Config(supernet="spos", strategy="hs-nas").to_json()


def top1s(root: Path, schedule: str | None, seed: int = 0, evaluations: int = 60) -> tuple[list[float], list[str]]:
    """Scores in their order, and what the strategy said before each round."""
    search(root, "hs-nas", seed, evaluations, schedule=schedule).run()
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
