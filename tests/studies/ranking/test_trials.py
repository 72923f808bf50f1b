"""Trials drawn from the real table."""

from __future__ import annotations

from studies.ranking.trials import PLACES, Trial, trials
from supernets.evaluate.table import TableEvaluator
from supernets.space.disguise import DisguisedSpace
from tests.studies.ranking.conftest import SPACE


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
