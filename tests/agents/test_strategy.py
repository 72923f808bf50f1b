from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.strategy import missing_headings, parse_strategy

PROSE = "## Summary\nWiden.\n## Key patterns\nNone.\n## Directions\nr: all.\n"


def fenced(block: str) -> str:
    return f"{PROSE}\n```json\n{block}\n```\n"


def test_prose_alone_is_a_strategy() -> None:
    strategy = parse_strategy(PROSE)
    assert (strategy.text, strategy.block, strategy.problem) == (PROSE, {}, "")


def test_the_block_is_read_with_keys_that_nobody_here_knows() -> None:
    strategy = parse_strategy(fenced('{"prefer": {"r": {"208": 2, "224": 0.5}}, "examples": [{"r": 208}], "fit": [1]}'))
    assert strategy.block == {"prefer": {"r": {"208": 2, "224": 0.5}}, "examples": [{"r": 208}], "fit": [1]}
    assert strategy.problem == ""


def test_the_last_block_counts() -> None:
    assert parse_strategy(fenced('{"prefer": {}}') + fenced('{"fit": 2}')).block == {"fit": 2}


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("{prefer}", "not JSON"),
        ("[1]", "expected an object, got list"),
        ('{"fit": NaN}', "NaN is not a number"),
        ('{"note": "\\ud800"}', "lone surrogates"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_an_unreadable_block_is_left_out_and_named(block: str, problem: str) -> None:
    strategy = parse_strategy(fenced(block))
    assert strategy.block == {}
    assert problem in strategy.problem


@pytest.mark.parametrize(
    ("prefer", "problem"),
    [
        ("[]", "prefer: expected an object of genes, got list"),
        ('{"r": 208}', "prefer: r: expected an object of choices and weights, got int"),
        ('{"r": {"208": "much"}}', "prefer: r: 208: expected a weight of 0 or more, got 'much'"),
        ('{"r": {"208": -1}}', "prefer: r: 208: expected a weight of 0 or more, got -1"),
        ('{"r": {"208": true}}', "prefer: r: 208: expected a weight of 0 or more, got True"),
    ],
)
def test_bad_preferences_are_left_out_and_the_rest_is_kept(prefer: str, problem: str) -> None:
    strategy = parse_strategy(fenced(f'{{"prefer": {prefer}, "fit": 1}}'))
    assert strategy.block == {"fit": 1}
    assert strategy.problem == problem


def test_examples_are_genotypes() -> None:
    assert parse_strategy(fenced('{"examples": ["all of them"]}')).problem.startswith("examples: expected a list")


@given(st.text())
def test_any_block_is_read_or_named(text: str) -> None:
    strategy = parse_strategy(fenced(text))
    assert isinstance(strategy.block, dict)


@pytest.mark.parametrize("style", ["## {}", "# {}:", "### **{}**", "**{}**", "##{}"])
def test_headings_count_in_any_dress(style: str) -> None:
    text = "\n".join(style.format(name) for name in ("Summary", "KEY PATTERNS", "Directions"))
    assert missing_headings(text) == []


def test_missing_headings_are_named() -> None:
    assert missing_headings("## Summary\nSee the directions and key patterns.") == ["Key patterns", "Directions"]
