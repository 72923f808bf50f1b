from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst import strategy_text
from agents.models.analyst.cost_window import cost_target
from agents.models.analyst.findings import Findings, FitInputs, find_optima
from agents.text.guidance import missing_headings
from agents.text.proposals import parse_answer
from tests.agents.models.analyst.small_space import TABLE, prompt, scored


@pytest.fixture(scope="module")
def findings() -> Findings:
    found = find_optima(FitInputs.of(prompt(scored(40))), np.random.default_rng(0))
    assert found is not None
    return found


def section(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n")[1].split("\n\n## ")[0]


def test_the_first_strategy_asks_for_variety_and_states_the_limit() -> None:
    inputs = FitInputs.of(prompt(scored(4)))
    text = strategy_text.first_strategy(inputs.prompt, inputs.target, '{"prefer": {}}')
    assert not missing_headings(text)
    assert "each of r, d, k, op" in text
    assert "macs_m at most 60" in section(text, "Constraints")
    assert text.endswith('```json\n{"prefer": {}}\n```')


def test_a_limit_that_no_row_shows_is_said_to_be_unknown() -> None:
    target = cost_target({}, (("latency_ms", 5.0),))
    text = strategy_text.first_strategy(prompt([]), target, "{}")
    assert "- latency_ms at most 5; no row tells it" in section(text, "Constraints")


def test_without_a_limit_the_strategy_says_so() -> None:
    text = strategy_text.first_strategy(prompt([]), cost_target({}, ()), "{}")
    assert section(text, "Constraints") == "No limit is set."
    assert "near the limit" not in text


def test_a_fitted_strategy_states_the_planted_effect_and_the_numbers_of_the_prompt(findings: Findings) -> None:
    text = strategy_text.strategy(findings, "{}")
    assert not missing_headings(text)
    assert "40 architectures are scored (40 of 100 evaluations)" in section(text, "Summary")
    patterns = section(text, "Key patterns")
    claim = next(line for line in patterns.splitlines() if "op (operation)" in line)
    assert claim.startswith(("- op (operation): conv did better than none by +2.", "- op (operation): conv did better"))
    assert "unsure" not in claim
    directions = section(text, "Directions")
    assert "- op (operation): favour conv" in directions
    assert section(text, "Recommended ranges").endswith("- op (operation): conv")


def test_examples_are_new_optima_with_an_expectation(findings: Findings) -> None:
    text = section(strategy_text.strategy(findings, "{}"), "Examples")
    lines = text.split("\n\n```")[0].splitlines()
    assert len(lines) == 2
    for line, x in zip(lines, findings.optima, strict=False):
        genotype, claim = line.removeprefix("- ").split(": expected ")
        assert parse_answer(f"[{genotype}]").candidates == (TABLE.decode(x),)
        assert 69 < float(claim.split(" ±")[0]) < 74
        assert claim.endswith("not scored yet.")
