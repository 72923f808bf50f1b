from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.guidance import missing_headings, parse_guidance, with_kept_block

PROSE = "## Summary\nWiden.\n## Key patterns\nNone.\n## Directions\nr: all.\n"


def fenced(block: str) -> str:
    return f"{PROSE}\n```json\n{block}\n```\n"


def test_prose_alone_is_a_strategy() -> None:
    strategy = parse_guidance(PROSE)
    assert (strategy.text, strategy.block, strategy.problem) == (PROSE, {}, "")


def test_the_block_is_read_with_keys_that_nobody_here_knows() -> None:
    strategy = parse_guidance(fenced('{"prefer": {"r": {"208": 2, "224": 0.5}}, "examples": [{"r": 208}], "fit": [1]}'))
    assert strategy.block == {"prefer": {"r": {"208": 2, "224": 0.5}}, "examples": [{"r": 208}], "fit": [1]}
    assert strategy.problem == ""


def test_a_block_may_be_written_as_models_write_it() -> None:
    assert parse_guidance(fenced("{'prefer': {'r': {'208': 2,}}, // wide\n}")).block == {"prefer": {"r": {"208": 2}}}


def test_an_endless_strategy_is_cut_and_that_is_said() -> None:
    strategy = parse_guidance(PROSE + "x" * 100_000)
    assert len(strategy.text) == 40_000
    assert strategy.problem == "it was cut to its first 40,000 characters"


@pytest.mark.parametrize("unit", ["\n", " ", "#", "# ", "**", "```json\n", "```json\n{\n", "# \t", "```"])
def test_hostile_strategies_take_bounded_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    start = time.process_time()
    parse_guidance(text)
    missing_headings(f"#{text}")
    assert time.process_time() - start < 1


def test_the_last_block_counts() -> None:
    assert parse_guidance(fenced('{"prefer": {}}') + fenced('{"fit": 2}')).block == {"fit": 2}


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("{prefer}", "not JSON"),
        ("[1]", "expected an object, got list"),
        ('{"fit": NaN}', "NaN is not a value"),
        ('{"note": "\\ud800"}', "lone surrogates"),
        ("[" * 10_000, "not JSON"),
    ],
)
def test_an_unreadable_block_is_left_out_and_named(block: str, problem: str) -> None:
    strategy = parse_guidance(fenced(block))
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
    strategy = parse_guidance(fenced(f'{{"prefer": {prefer}, "fit": 1}}'))
    assert strategy.block == {"fit": 1}
    assert strategy.problem == problem


def test_examples_are_genotypes() -> None:
    assert parse_guidance(fenced('{"examples": ["all of them"]}')).problem.startswith("examples: expected a list")


@given(st.text())
def test_any_block_is_read_or_named(text: str) -> None:
    strategy = parse_guidance(fenced(text))
    assert isinstance(strategy.block, dict)


@pytest.mark.parametrize(
    "style",
    [
        "## {}",
        "# {}:",
        "### **{}**",
        "**{}**",
        "##{}",
        "## 1. {}",
        "2) **{}**",
        "**3. {}:**",
        "## II. {}",
        "### Section 2: {}",
        "### Step 1 - {}",
        "## 📊 {}",
        "1️⃣ {}",
        "- **{}**: more of it",
        "> ## {}",
        "{}:",
        "{}: all of it",
        "{}\n=======",
        "__{}__",
        "#### _{}_ ####",
        "## {} of round 3",
    ],
)
def test_headings_count_in_any_dress(style: str) -> None:
    text = "\n".join(style.format(name) for name in ("Summary", "KEY PATTERNS", "Directions"))
    assert missing_headings(text) == []


def test_singular_plural_and_hyphens_are_the_same_heading() -> None:
    assert missing_headings("## SUMMARIES\n## Key-Pattern\n**Direction(s)**") == []


@pytest.mark.parametrize(
    "line",
    [
        "Directions are open.",
        "1. Directions are open",
        "- directions that help",
        '"directions": ["all"]',
        "See: Directions",
        "## Directional",
        "The directions:",
    ],
)
def test_prose_is_no_heading(line: str) -> None:
    assert missing_headings(f"## Summary\n## Key patterns\n{line}") == ["Directions"]


@given(
    st.sampled_from(["", "# ", "## ", "###### "]),
    st.sampled_from(["", "1. ", "2) ", "(3) ", "IV. ", "b) ", "Part 2: "]),
    st.sampled_from(["", "🧭 ", "**", "- "]),
    st.sampled_from(["summary", "Summary", "SUMMARY"]),
    st.sampled_from(["", ":", " :", " 🧭", "**", "  "]),
)
def test_any_mixture_of_marks_is_a_heading(level: str, number: str, mark: str, name: str, after: str) -> None:
    assert missing_headings(level + number + mark + name + after) == ["Key patterns", "Directions"]


def test_missing_headings_are_named() -> None:
    assert missing_headings("## Summary\nSee the directions and key patterns.") == ["Key patterns", "Directions"]


@pytest.mark.parametrize("exclude", ["{}", '[{"k": 3}]', "[3]"])
def test_an_exclusion_combines_two_genes_or_more(exclude: str) -> None:
    guidance = parse_guidance(f'```json\n{{"exclude": {exclude}, "count": 4}}\n```')
    assert guidance.block == {"count": 4}
    assert guidance.problem == "exclude: expected a list of objects, each with a choice of two genes or more"


def test_a_block_may_keep_what_it_does_not_change() -> None:
    before = 'x\n```json\n{"prefer": {"k": {"3": 1}, "d": {"2": 1}}, "cost": [1, 2], "examples": [{}], "count": 3}\n```'
    now = parse_guidance('## Summary\ny\n```json\n{"keep": true, "prefer": {"k": {"5": 1}}, "count": 9}\n```\nend')
    kept = with_kept_block(now, before)
    assert kept.block == {"prefer": {"d": {"2": 1}, "k": {"5": 1}}, "cost": [1, 2], "count": 9}
    assert list(kept.block["prefer"]) == ["d", "k"]
    assert parse_guidance(kept.text) == kept
    assert kept.text.startswith("## Summary\ny\nend")


@pytest.mark.parametrize("keep", ["false", '"true"', "1"])
def test_only_true_keeps_a_block(keep: str) -> None:
    now = parse_guidance(f'```json\n{{"keep": {keep}}}\n```')
    assert with_kept_block(now, '```json\n{"prefer": {"k": {"3": 1}}}\n```') == now


def test_nothing_to_keep_is_no_fault() -> None:
    kept = with_kept_block(parse_guidance('```json\n{"keep": true, "count": 2}\n```'), "prose alone")
    assert kept.block == {"count": 2}
