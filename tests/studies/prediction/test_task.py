"""The networks of a task, and how they are divided into examples and others."""

from __future__ import annotations

import pytest

import collm_nas
from common.errors import UserError
from studies.prediction.task import TRANSLATION_TASKS, run_task, translation_task

pytestmark = pytest.mark.usefixtures("own_place")


@pytest.mark.parametrize("name", TRANSLATION_TASKS)
def test_a_translation_task_has_thirty_networks_with_their_facts(name: str) -> None:
    task = translation_task(name)
    assert len(task.networks) == 30
    for network in task.networks:
        assert 1 < network.cost < 7
        assert 20 < network.score < 50
        assert len(network.features) == 10
        assert all(0 < feature <= 1 for feature in network.features)
        assert task.depth is not None
        # The thirty say nothing about deeper networks.
        assert 1 <= round(6 * network.features[task.depth]) <= 3
        assert set(network.known) == {"HAT", "Supernet (Sandwich)", "Layer-wise MoS", "Neuron-wise MoS"}


def test_costs_are_those_of_the_task_itself() -> None:
    """The published files for distillation carry the costs of the first task for all, whose vocabulary is smaller."""
    means = [sum(n.cost for n in translation_task(name).networks) / 30 for name in TRANSLATION_TASKS]
    assert means[0] < min(means[1:])


def test_an_example_shows_configuration_cost_and_score() -> None:
    task = translation_task("wmt14ende")
    lines = task.example(task.networks[0]).splitlines()
    assert lines[0] == "encoder_embedding: 512"
    assert lines[-2:] == ["GFLOPs: 2.7", "BLEU: 24.30"]
    assert "BLEU" not in task.networks[0].text


def test_examples_cover_all_costs_and_are_never_predicted() -> None:
    task = translation_task("wmt19ende")
    ordered = sorted(task.networks, key=lambda network: network.cost)
    for seed in range(5):
        shown, asked = task.split(seed, 10)
        assert (len(shown), len(asked)) == (10, 20)
        assert not [network for network in asked if network in shown]
        assert sorted(ordered.index(network) // 3 for network in shown) == list(range(10))
    assert task.split(3, 10) == task.split(3, 10)
    assert task.split(3, 10) != task.split(4, 10)
    assert len(task.split(3, 10, tests=5)[1]) == 5
    assert task.split(3, 0)[0] == []
    with pytest.raises(UserError, match="expected 29 examples and 2 networks or more to predict, got 30"):
        task.split(3, 29)


def test_the_scored_networks_of_a_run_are_a_task() -> None:
    run = collm_nas.search("nasbench201", strategy="random", evaluations=20)
    task = run_task(run)
    assert sorted(network.score for network in task.networks) == sorted(score.top1 for score in run.evaluations)
    assert "MACs in millions" in task.networks[0].text
    hidden = run_task(run, disguise=True)
    assert not [
        word for word in ("3x3", "cell", "CIFAR") if word in hidden.networks[0].text + hidden.domain.definitions
    ]


def test_a_task_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"unknown task 'wmt14'.*expected one of wmt14ende, wmt14enfr, wmt19ende"):
        translation_task("wmt14")
