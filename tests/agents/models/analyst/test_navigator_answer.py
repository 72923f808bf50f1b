from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.navigator_answer import navigate
from agents.text.guidance import parse_guidance
from tests.agents.models.analyst.small_space import everything, prompt, row, scored


def test_before_a_fit_the_block_has_no_preferences_and_no_points() -> None:
    strategy = parse_guidance(navigate(prompt([row(x, verdict="cost only") for x in everything()[:9]]), rng(0)))
    assert "asks for variety" in strategy.text
    assert set(strategy.block["prefer"]["op"].values()) == {1.0}
    assert strategy.block["examples"] == []
    assert set(strategy.block["analyst"]) == {"cost", "tested"}
    assert strategy.block["analyst"]["tested"] == ""


def test_a_fit_gives_preferences_examples_and_points() -> None:
    rows = scored(40)
    strategy = parse_guidance(navigate(prompt(rows), rng(0)))
    assert not strategy.problem
    weights = strategy.block["prefer"]["op"]
    assert weights["conv"] > 5 * max(weights["none"], weights["pool"])
    # The Generator draws the optima from the fit itself.
    assert strategy.block["examples"] == []
    assert strategy.block["analyst"]["points"]["op"][2][0] > strategy.block["analyst"]["points"]["op"][0][0] + 1
    assert len(strategy.block["analyst"]["tested"].split()) == 40


@pytest.mark.parametrize(("scores", "count"), [(0, 50), (60, 20), (90, 8), (99, 8)])
def test_a_round_takes_half_of_what_is_left(scores: int, count: int) -> None:
    assert parse_guidance(navigate(prompt(scored(scores)), rng(0))).block["count"] == count


def test_the_answer_depends_on_the_random_generator_alone() -> None:
    rows = scored(20)
    assert navigate(prompt(rows), rng(1)) == navigate(prompt(rows), rng(1))
    assert navigate(prompt(rows), rng(1)) != navigate(prompt(rows), rng(2))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
