"""Blind trials against the real table, and what is counted of answers that are perfect, reversed or broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from matplotlib.image import imread

from agents.roles.ranker import Ranking
from studies.ranking.confusion_plot import draw
from studies.ranking.ranking_results import RankingResults
from studies.ranking.trials import PLACES, Ranked, Trial, trials
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluate.table import TableEvaluator
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from supernets.space.disguise import DisguisedSpace

SPACE = get_space("nasbench201", "cifar10")


@pytest.fixture(scope="module")
def table() -> TableEvaluator:
    evaluator = open_evaluator(EvaluatorRequest(supernet="nasbench201", cache=Path("cache"))).evaluator
    assert isinstance(evaluator, TableEvaluator)
    return evaluator


@pytest.fixture(scope="module")
def drawn(table: TableEvaluator) -> list[Trial]:
    return list(trials(table, SPACE, SPACE, 0, 4))


def perfect(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking(tuple(trial.top1), ()))


def reversed_(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking(tuple(trial.top1)[::-1], ("missing: A",)))


def broken(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking((), ("missing: A", "missing: B")))


def test_a_trial_has_one_network_of_each_decile_and_its_true_accuracy(
    table: TableEvaluator, drawn: list[Trial]
) -> None:
    ordered = sorted(table.everything[1], reverse=True)
    for trial in drawn:
        for decile, (label, top1) in enumerate(trial.top1.items()):
            assert table.report(SPACE.parse(trial.shown[label])).top1 == top1
            low, high = (ordered[len(ordered) * place // PLACES] for place in (decile, min(decile + 1, 9)))
            assert low >= top1 >= (high if decile < 9 else ordered[-1])
    assert {tuple(trial.shown) for trial in drawn} == {tuple("ABCDEFGHIJ")}
    assert len({tuple(trial.top1) for trial in drawn}) > 1


def test_more_trials_add_to_those_that_were_done(table: TableEvaluator, drawn: list[Trial]) -> None:
    assert list(trials(table, SPACE, SPACE, 0, 6))[:4] == drawn
    assert next(trials(table, SPACE, SPACE, 1, 1)) != drawn[0]


def test_a_disguise_hides_the_networks_and_nothing_else(table: TableEvaluator, drawn: list[Trial]) -> None:
    told = DisguisedSpace(SPACE, 0)
    hidden = next(trials(table, SPACE, told, 0, 1))
    assert hidden.top1 == drawn[0].top1
    assert all(told.from_disguised(genes) == drawn[0].shown[label] for label, genes in hidden.shown.items())


def test_what_is_broken_is_counted_and_left_out_of_the_mean(drawn: list[Trial]) -> None:
    outcome = RankingResults([perfect(drawn[0]), reversed_(drawn[1]), broken(drawn[2])])
    assert outcome.taus == pytest.approx([1, -1])
    assert outcome.tau == pytest.approx(0)
    assert outcome.stderr == pytest.approx(1)
    assert outcome.broken == 3
    assert [sum(row) for row in outcome.confusion] == [2] * PLACES
    assert outcome.confusion[0][0] == outcome.confusion[0][9] == 1
    assert (RankingResults([broken(drawn[0])]).tau, RankingResults([perfect(drawn[0])]).stderr) == (None, None)


def test_the_file_holds_every_trial_and_the_picture_can_be_read(tmp_path: Path, drawn: list[Trial]) -> None:
    outcome = RankingResults([perfect(drawn[0]), broken(drawn[1])])
    outcome.write(tmp_path / "ranking.json", {"seed": 0})
    found = json.loads((tmp_path / "ranking.json").read_text())
    assert (found["tau"], found["trials"], found["ranked"]) == (pytest.approx(1), 2, 1)
    assert found["each"][1] == {
        "number": 2, "shown": drawn[1].shown, "top1": drawn[1].top1, "tau": None, "ranking": [],
        "problems": ["missing: A", "missing: B"],
    }  # fmt: skip
    for asked in (outcome, RankingResults([broken(drawn[0])])):
        draw(asked, "perfect", tmp_path / "ranking.png")
        assert imread(tmp_path / "ranking.png").shape[2] == 4
