"""LLMatic: what its archives learn, and what a search with it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.strategies.llmatic import COOLEST, START_TEMPERATURE, STEP, Plan, Prompt, State
from graph.strategies.niches import Niches
from studies.run import Run
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from tests.graph.strategies.conformance import LIMIT, SPACE
from tests.graph.strategies.edited import continued, searched

pytest.importorskip("ribs")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return searched(tmp_path_factory.mktemp("llmatic"), "llmatic")


def state() -> State:
    ranges = [(18.0, 21.0), (3.0, 7.0)]
    return State(Niches(10, ranges, 0), Niches(10, [(0.0, 15.0), (COOLEST, 1.0)], 0))


def score(blocks: int, top1: float) -> Evaluation:
    return Evaluation(SPACE.parse({"blocks": [blocks] * 20}), top1, 0.5, 1000, 0.0, "p")


def test_the_budget_is_spent_on_plans_that_a_reader_can_follow(run: Run) -> None:
    assert len(run.evaluations) == 60
    assert all(SPACE.cost(each.architecture).macs_m <= LIMIT for each in run.evaluations)
    operators = {text.split(" ")[0] for text in run.strategies}
    assert operators == {"Mutation", "Combination"}
    assert all("at temperature" in text and "\n| id " in text for text in run.strategies)


def test_an_interrupted_run_goes_on_with_the_same_archives(run: Run, tmp_path: Path) -> None:
    again = continued(tmp_path, "llmatic")
    assert again.strategies == run.strategies
    assert again.evaluations == run.evaluations


def test_a_prompt_earns_the_curiosity_of_its_own_niche_and_keeps_it() -> None:
    archives, prompt = state(), Prompt(3, START_TEMPERATURE)
    plan = Plan("mutation", prompt, (SPACE.smallest(),))
    archives.learn(SPACE, plan, [score(0, 60.0), score(0, 59.0)], unusable=1)
    assert archives.curiosity[archives.niche(prompt)] == 1.0 - 0.5 - 1.0
    archives.learn(SPACE, plan, [score(2, 61.0)], unusable=0)
    assert archives.curiosity[archives.niche(prompt)] == pytest.approx(0.5)
    archives.learn(SPACE, Plan("combination", prompt, ()), [score(0, 70.0)], unusable=0)
    assert archives.curiosity[archives.niche(prompt)] == pytest.approx(0.5)


def test_the_temperature_rises_with_success_falls_without_and_keeps_its_bounds() -> None:
    archives = state()
    plan = Plan("mutation", Prompt(0, 0.7))
    archives.learn(SPACE, plan, [score(0, 60.0)], unusable=0)
    assert archives.temperature == pytest.approx(0.7 + STEP)
    archives.learn(SPACE, plan, [score(1, 59.0)], unusable=0)
    assert archives.temperature == pytest.approx(0.7 - STEP)
    archives.learn(SPACE, Plan("mutation", Prompt(0, COOLEST)), [], unusable=5)
    assert archives.temperature == COOLEST


@pytest.mark.parametrize(
    ("strategy", "operators"),
    [
        ("llmatic-mutation", {"Mutation"}),
        ("llmatic-random", {"Invention"}),
        ("llmatic-networks", {"Mutation", "Combination"}),
        ("llmatic-prompts", {"Mutation", "Combination"}),
    ],
)
def test_each_ablation_leaves_out_its_part(strategy: str, operators: set[str], tmp_path: Path) -> None:
    run = searched(tmp_path, strategy, evaluations=40)
    assert {text.split(" ")[0] for text in run.strategies} == operators
    temperatures = {text.split("temperature ")[1][:4] for text in run.strategies}
    fixed = strategy in ("llmatic-networks", "llmatic-random")
    assert (temperatures == {"0.70"}) == fixed


def test_crossover_alone_begins_with_mutation_since_it_needs_two(tmp_path: Path) -> None:
    run = searched(tmp_path, "llmatic-crossover", evaluations=40)
    operators = [text.split(" ")[0] for text in run.strategies]
    assert operators[0] == "Mutation"
    assert set(operators[2:]) == {"Combination"}


def test_rounds_of_several_limits_change_networks_that_keep_them(tmp_path: Path) -> None:
    run = searched(tmp_path, "llmatic", limits={"macs_m": [300.0, LIMIT]}, evaluations=40)
    scores = {each.architecture: each for each in run.evaluations}
    narrow = [c for c in run.candidates if c.round % 2 == 0 and c.architecture in scores]
    assert all(c.cost is not None and c.cost.macs_m <= 300.0 for c in narrow)


def test_parents_are_networks_that_earlier_rounds_scored(run: Run) -> None:
    scored = {each.architecture for each in run.evaluations}
    parents: set[Architecture] = set()
    for number, text in enumerate(run.strategies, 1):
        rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| id")]
        ids = [row.split("|")[1].strip() for row in rows]
        for id in filter(None, ids):
            earlier, place = map(int, id.split("."))
            assert earlier < number
            a = next(c.architecture for c in run.candidates if (c.round, c.index + 1) == (earlier, place))
            assert a is not None
            parents.add(a)
    assert len(parents) > 1
    assert parents <= scored
