"""EvoPrompting: targets, generations, and how a round asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.text.architecture_table import ArchitectureRow
from common.errors import UserError
from graph.strategies.evoprompting import PARENTS, PROMPTS, SAMPLES, Population, fitness, targets
from graph.strategies.prompt_adapters import Choice, NoAdapter
from studies.run import Run
from tests.graph.strategies.conformance import LIMIT, SPACE
from tests.graph.strategies.edited import continued, searched

ASKED = Choice(0.6)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return searched(tmp_path_factory.mktemp("evo"), "evoprompting")


def row(number: int, macs: float, top1: float) -> ArchitectureRow:
    costs = {"macs_m": macs}
    return ArchitectureRow(id=f"1.{number}", genotype={"n": number}, costs=costs, verdict="evaluated", top1=top1)


def test_targets_are_a_smaller_size_and_a_higher_accuracy_below_100_percent() -> None:
    assert targets([row(1, 300.0, 70.0), row(2, 200.0, 60.0)], "macs_m") == pytest.approx((180.0, 71.4))
    assert targets([row(1, 300.0, 99.0)], "macs_m")[1] == 100.0


def test_fitness_is_high_for_small_networks_with_small_errors() -> None:
    assert fitness(row(1, 300.0, 70.0), "macs_m") == -9000.0
    assert fitness(row(1, 200.0, 70.0), "macs_m") > fitness(row(2, 300.0, 70.0), "macs_m")


def test_no_parent_serves_twice_and_errors_that_are_too_high_do_not_count() -> None:
    population = Population("macs_m", NoAdapter([]))
    first = [row(i, 100.0 + i, 60.0 + i) for i in range(2 * SAMPLES)]
    population.learn(first[:SAMPLES], None)
    assert not population.parents
    population.learn(first[SAMPLES:], None)
    assert len(population.parents) == PARENTS
    assert population.generation == 1
    parents = list(population.parents)
    tiny = row(90, 1.0, 10.0)
    for number in range(PROMPTS):
        population.learn([row(100 + SAMPLES * number + i, 110.0, 70.0 + i) for i in range(SAMPLES - 1)] + [tiny], ASKED)
    assert population.generation == 2
    assert not [each for each in population.parents if each in parents]
    # The best by size times error by far, and of no use.
    assert tiny not in population.parents


def test_without_a_good_child_the_former_parents_serve_again() -> None:
    population = Population("macs_m", NoAdapter([]))
    population.learn([row(i, 100.0, 60.0 + i) for i in range(PARENTS)], None)
    parents = population.parents
    for _ in range(PROMPTS):
        population.learn([], ASKED)
    assert population.parents == parents
    assert len(parents) == PARENTS - 1  # the worst error of the first is too high
    assert population.generation == 2


def test_a_round_asks_for_the_same_number_whatever_becomes_of_it(run: Run) -> None:
    assert len(run.evaluations) == 60
    assert all(SPACE.cost(each.architecture).macs_m <= LIMIT for each in run.evaluations)
    assert {ledger.requested for ledger in run.ledgers[:-1]} == {SAMPLES}
    assert run.strategies[0] == "The first architectures are drawn at random; no model is asked."
    told = re.compile(
        r"Generation \d, temperature [\d.]+, without adaptation.*The next has [\d.]+ of macs_m or less, and top1 of",
        re.DOTALL,
    )
    assert all(told.match(text) for text in run.strategies[2:])


def test_without_a_limit_it_aims_at_fewer_macs(tmp_path: Path) -> None:
    run = searched(tmp_path, "evoprompting", evaluations=40, limits={})
    assert len(run.evaluations) == 40
    assert "of macs_m or less" in run.strategies[-1]
    with pytest.raises(UserError, match="--disguise hides the costs that nothing limits: add a limit"):
        searched(tmp_path / "disguised", "evoprompting", limits={}, disguise=True)


def test_an_interrupted_run_goes_on_with_the_same_population(run: Run, tmp_path: Path) -> None:
    again = continued(tmp_path, "evoprompting")
    assert again.strategies == run.strategies
    assert again.evaluations == run.evaluations


def test_the_trace_says_what_stands_for_prompt_tuning(tmp_path: Path) -> None:
    memory = searched(tmp_path, "evoprompting-memory", evaluations=40)
    assert "not the paper's prompt tuning" in memory.strategies[-1]
    assert "did not last, for contrast" in memory.strategies[-1]
    bandit = searched(tmp_path, "evoprompting-bandit", evaluations=40)
    assert "with a bandit over temperature and instruction" in bandit.strategies[-1]
