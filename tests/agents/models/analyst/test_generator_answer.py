from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from agents.models.analyst.gene_table import Indices
from agents.models.analyst.generator_answer import generate
from agents.models.analyst.navigator_answer import navigate
from agents.models.analyst.prompt_reader import ParsedPrompt, read_prompt
from agents.text.architecture_table import ArchitectureRow
from agents.text.prompt_templates import fenced
from tests.agents.models.analyst.small_space import TABLE, cost, messages, prompt, scored


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def request(wanted: int, strategy: str, rows: list[ArchitectureRow] | None = None) -> ParsedPrompt:
    quoted = fenced(strategy) if strategy else ""
    return read_prompt(messages(rows or [], f"- round: 2\n- architectures wanted: {wanted}\n{quoted}"))


def block(**content: Any) -> str:
    return f"```json\n{json.dumps(content)}\n```"


def encoded(genotypes: list[dict[str, object]]) -> Indices:
    return np.array([x for genotype in genotypes if (x := TABLE.encode(genotype)) is not None])


def test_weights_of_any_strategy_are_followed_and_examples_not_repeated() -> None:
    example = {"r": 32, "d": 2, "k": [3, 3, 3, 3, 3], "op": "pool"}
    found = generate(request(12, block(prefer={"op": {"pool": 1, "none": 0, "conv": 0}}, examples=[example])), rng())
    assert len(found) == len({json.dumps(genotype) for genotype in found}) == 12
    assert {genotype["op"] for genotype in found} == {"pool"}
    assert example not in found


def test_prose_alone_gives_distinct_architectures_below_the_limit_that_the_rows_show() -> None:
    found = encoded(generate(request(8, "## Directions\nTry all.", scored(30)), rng()))
    assert len(found) == 8
    assert (cost(found) < 63).all()
    assert np.median(cost(found)) > 50


def test_a_strategy_of_the_analyst_gives_the_optima_of_its_fit() -> None:
    rows = scored(40)
    strategy = navigate(prompt(rows), rng())
    found = encoded(generate(request(8, strategy), rng()))
    assert (found[:, TABLE.position["op"]] == 2).mean() > 0.8
    known = {TABLE.mark(x) for x in prompt(rows).observed().x}
    assert not {TABLE.mark(x) for x in found} & known
    assert np.median(cost(found)) < 63


def test_scores_in_place_of_a_strategy_are_fitted_first() -> None:
    found = encoded(generate(request(8, "", scored(40)), rng()))
    assert (found[:, TABLE.position["op"]] == 2).mean() > 0.8


@pytest.mark.parametrize(("wanted", "most"), [(3, 3), (1000, 100)])
def test_no_more_are_sent_than_wanted_and_than_one_answer_may_hold(wanted: int, most: int) -> None:
    assert len(generate(request(wanted, "Free."), rng())) == most
