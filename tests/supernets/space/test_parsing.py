from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.space.parsing import (
    architectures_schema,
    check_choice,
    check_list,
    choices_schema,
    is_list,
    list_schema,
    unquote_numbers,
    unwrap_single,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
CHOICES = ((3, 5, 7), (0.5, 1.0), ("skip", "conv"))


@given(st.integers(-(10**14), 10**14))
def test_quoted_integers_are_numbers(number: int) -> None:
    assert unquote_numbers([str(number), "x"]) == [number, "x"]
    assert isinstance(unquote_numbers(str(number)), int)


@pytest.mark.parametrize("text", ["007", "1e5", "+1", " 1", "1.", "٣", "1" * 20, ""])
def test_other_spellings_stay_text(text: str) -> None:
    assert unquote_numbers(text) == text


def test_a_list_of_one_is_its_entry() -> None:
    assert unwrap_single([208]) == 208
    assert unwrap_single("a") == "a"
    assert unwrap_single([1, 2]) == [1, 2]
    assert is_list(())
    assert not is_list("ab")


@given(values)
def test_any_value_is_a_choice_or_a_named_problem(value: Any) -> None:
    problems: list[str] = []
    found = check_choice(problems, "ks[0]", value, CHOICES[0])
    assert (found in CHOICES[0]) != bool(problems)
    assert all(text.startswith("ks[0]: expected one of 3, 5, 7; got ") and len(text) < 80 for text in problems)


def test_a_choice_is_equal_but_never_a_boolean() -> None:
    problems: list[str] = []
    assert check_choice(problems, "e", 3.0, (3,)) == 3
    assert problems == []
    assert check_choice(problems, "e", True, (0, 1)) is None
    assert check_choice(problems, "e", None, (0, 1)) is None
    assert problems == ["e: expected one of 0, 1; got True", "e: expected one of 0, 1; got nothing"]


@given(values)
def test_a_list_has_every_choice_or_problems(value: Any) -> None:
    problems: list[str] = []
    found = check_list(problems, "op", value, CHOICES)
    accepted = (
        is_list(value) and len(found) == 3 and all(c in allowed for c, allowed in zip(found, CHOICES, strict=True))
    )
    assert accepted != bool(problems)


def test_every_problem_of_a_list_is_named() -> None:
    problems: list[str] = []
    check_list(problems, "op", [4, 1.0], CHOICES)
    assert problems == ["op: expected 3 entries, got 2", "op[0]: expected one of 3, 5, 7; got 4"]


def test_schemas_accept_what_the_checks_accept() -> None:
    schema = architectures_schema({"type": "object", "properties": {"op": list_schema(CHOICES)}}, 1, 2)
    validator = jsonschema.Draft202012Validator(schema)
    good, bad = {"op": [3, 0.5, "skip"]}, {"op": [4, 0.5, "skip"]}
    assert validator.is_valid({"architectures": [good, good]})
    assert not validator.is_valid({"architectures": [bad]})
    assert not validator.is_valid({"architectures": [{"op": [3, 0.5]}]})
    assert not validator.is_valid({"architectures": []})
    assert not validator.is_valid({"architectures": [good] * 3})
    assert list_schema([(1, 2)] * 4, 2) == {
        "type": "array", "minItems": 2, "maxItems": 4, "items": choices_schema((1, 2)),
    }  # fmt: skip
    assert [choices_schema(choices)["type"] for choices in CHOICES] == ["integer", "number", "string"]
