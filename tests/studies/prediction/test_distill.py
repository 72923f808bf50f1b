"""Random networks for a model to label, and what a fit to its labels predicts."""

from __future__ import annotations

import math

import pytest

import collm_nas
from graph.labels import Labels
from studies.prediction.distill import difference, distilled, networks_to_label
from studies.prediction.task import run_task
from studies.run import Run

pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def run() -> Run:
    return collm_nas.search(
        "ofa-w1.0-predicted", strategy="random", evaluations=20, limits={"macs_m": 250.0}
    )  # fmt: skip


def test_networks_to_label_are_new_within_the_limits_and_the_same_for_a_seed(run: Run) -> None:
    found = networks_to_label(run, 30, 0)
    assert len(set(found)) == 30
    assert all(run.space.cost(a).macs_m <= 250 for a in found)
    assert not set(found) & {score.architecture for score in run.evaluations}
    assert networks_to_label(run, 30, 0) == found != networks_to_label(run, 30, 1)


def test_a_fit_to_exact_labels_of_a_line_predicts_the_line(run: Run) -> None:
    networks = run_task(run).networks
    line = {a: 60 + 10 * math.log(run.space.cost(a).macs_m / 200) for a in networks_to_label(run, 100, 0)}
    labels = Labels(supernet=run.space.name, model="a line", scores=line)
    found = distilled(run, labels, networks)
    exact = [60 + 10 * math.log(network.cost / 200) for network in networks]
    assert found == pytest.approx(exact, abs=0.2)
    assert difference([found], [exact]) < 0.1


def test_the_difference_counts_networks_that_both_predict() -> None:
    assert difference([[1.0, 2.0], [5.0]], [[2.0, None], [5.0]]) == 0.5
    assert math.isnan(difference([[1.0]], [[None]]))
