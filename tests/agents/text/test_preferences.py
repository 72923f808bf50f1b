from __future__ import annotations

from typing import Any

import pytest

from agents.text.genes import Gene, read_genes
from agents.text.preferences import agreement, read_exclusions, read_preferences, strays

_FOUND = read_genes(
    "| genes | choices | meaning |\n|---|---|---|\n| d | 2, 3 | depth |\n"
    "| k[0] k[1]:d>=3 k[2] k[3] | 3, 5, 7 | kernel |\n| ratio | 3.5, 4.0 | ratio |"
)
assert _FOUND is not None
GENES: tuple[Gene, ...] = _FOUND.genes


def read(prefer: dict[str, dict[str, Any]]) -> tuple[dict[str, dict[Any, float]], list[str]]:
    return read_preferences(prefer, GENES)


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("k[1]", ["k[1]"]),
        ("k[1]:d>=3", ["k[1]"]),
        ("k", ["k[0]", "k[1]", "k[2]", "k[3]"]),
        ("k[1] to k[3]", ["k[1]", "k[2]", "k[3]"]),
        ("k[1..2]", ["k[1]", "k[2]"]),
        ("k[2-3]", ["k[2]", "k[3]"]),
        ("k[0]..k[1]", ["k[0]", "k[1]"]),
    ],
)
def test_a_key_names_one_gene_or_several(key: str, labels: list[str]) -> None:
    found, problems = read({key: {"3": 2, "5": 0}})
    assert found == {label: {3: 2.0, 5: 0.0} for label in labels}
    assert problems == []


def test_numbers_are_compared_as_values() -> None:
    assert read({"ratio": {"4": 1, "3.50": 0}})[0] == {"ratio": {4.0: 1.0, 3.5: 0.0}}


def test_a_later_key_counts_before_an_earlier_one() -> None:
    assert read({"k": {"3": 1}, "k[2]": {"7": 5}})[0]["k[2]"] == {7: 5.0}


def test_what_names_nothing_is_told() -> None:
    found, problems = read({"w[0]": {"1": 1}, "k[9]": {"3": 1}, "d": {"2": 1, "9": 3}})
    assert found == {"d": {2: 1.0}}
    assert problems == ["w[0]: no gene has this label", "k[9]: no gene has this label", "d: 9 is no choice of it"]


@pytest.mark.parametrize(
    ("exclude", "expected", "problem"),
    [
        ({"d": 3, "k[0]": [5, "7"]}, [{"d": (3,), "k[0]": (5, 7)}], ""),
        ({"d": 3, "k": 5}, [], "exclude: k: expected the label of one gene"),
        ({"d": 3, "k[9]": 5}, [], "exclude: k[9]: expected the label of one gene"),
        ({"d": 4, "k[0]": 5}, [], "exclude: d: 4 is no choice of it"),
        ({"d": {"x": 1}, "k[0]": 5}, [], "exclude: d: {'x': 1} is no choice of it"),
    ],
)
def test_a_combination_is_excluded_as_a_whole_or_not_at_all(
    exclude: dict[str, Any], expected: list[dict[str, Any]], problem: str
) -> None:
    assert read_exclusions([exclude], GENES) == (expected, [problem] if problem else [])


def test_the_genes_that_strayed_most_come_first_and_only_acting_ones_count() -> None:
    prefer = read(
        {"k[0]": {"3": 1, "5": 1, "7": 0}, "k[1]": {"3": 0, "5": 1, "7": 0}, "k[2]": {"3": 1, "5": 0, "7": 0}}
    )[0]
    proposed = [{"d": d, "k": [7, 5 if d == 3 else 3, 3, 3], "ratio": 4.0} for d in (2, 3)]
    found = strays(prefer, GENES, proposed)
    assert found == [(1.0, "k[0]: 7 asked 0 %, drawn 100 %")]


@pytest.mark.parametrize(("count", "told"), [(4, False), (16, True)])
def test_what_chance_explains_is_no_stray(count: int, told: bool) -> None:
    prefer: dict[str, dict[Any, float]] = {"d": {2: 1.0, 3: 1.0}}
    found = strays(prefer, GENES, [{"d": 3, "k": [3, 3, 3, 3], "ratio": 4.0}] * count)
    assert found == ([(0.5, "d: 3 asked 50 %, drawn 100 %")] if told else [])


def test_nothing_strays_from_no_preference() -> None:
    assert strays({}, GENES, [{"d": 2, "k": [3, 3, 3, 3], "ratio": 4.0}]) == []
    assert strays({"d": {2: 1.0, 3: 0.0}}, GENES, []) == []


def test_agreement_is_the_overlap_of_what_was_asked_for_and_what_was_proposed() -> None:
    genes = (Gene(label="k", name="k", index=None, choices=(3, 5, 7), row=0),)
    proposed = [{"k": 3}, {"k": 3}, {"k": 5}, {"k": 7}]
    assert agreement({"k": {3: 2.0, 5: 1.0, 7: 1.0}}, genes, proposed) == 1.0
    assert agreement({"k": {3: 1.0, 5: 0.0, 7: 0.0}}, genes, proposed) == 0.5
    assert agreement({"k": {3: 1.0}}, genes, []) is None
    assert agreement({}, genes, proposed) is None
