from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.loose_json import LooseJSONError, read_whole

SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | st.text(), lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(), v, max_size=3)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2,]", [1, 2]),
        ('{"a": 1,}', {"a": 1}),
        ("{'a': 'b'}", {"a": "b"}),
        (r"""['it\'s', 'say "x"', 'a\\', '\u00e9']""", ["it's", 'say "x"', "a\\", "é"]),
        ("[True, False, None, true, false, null]", [True, False, None, True, False, None]),
        ("// first\n[1, # one\n /* and */ 2] // done", [1, 2]),
        ("[208//wide\n, 3#deep\n]", [208, 3]),
        ("{“a”: ‘b’}", {"a": "b"}),
        ('["a // b", "c # d", "e /* f"]', ["a // b", "c # d", "e /* f"]),
        ('["“quoted”"]', ["“quoted”"]),
        ("[-0.5e-3, 0, 10]", [-0.0005, 0, 10]),
        ('["208", [208]]', ["208", [208]]),
    ],
)
def test_what_has_one_meaning_is_taken_as_it_stands(text: str, value: object) -> None:
    assert read_whole(text) == value
    assert json.dumps(read_whole(text)) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected a value, got the end of the text"),
        ("[1, 2", "expected , or ], got the end of the text"),
        ("[1 2]", "expected , or ], got 2"),
        ("[1,, 2]", ", is not a value"),
        ("{a: 1}", "expected a key in quotes, got a"),
        ("{1: 1}", "expected a key in quotes, got 1"),
        ('{"a" 1}', "expected : after a key, got 1"),
        ('{"a": 1; "b": 2}', "1; is not a value"),
        ("(1, 2)", "(1 is not a value"),
        ("2 * 104", "expected nothing more, got *"),
        ("[3x20]", "3x20 is not a value"),
        ("[...]", "... is not a value"),
        ("[08]", "08 is not a value"),
        ("[+8, .5, 1_000]", "+8 is not a value"),
        ("[Infinity]", "Infinity is not a value"),
        ("['it's']", "expected , or ], got s"),
        ("[\"a'", 'a string lacks its closing "'),
        ('["two\nlines"]', 'a string lacks its closing "'),
        ('[“a"]', "a string lacks its closing ”"),
        ("[“say “x””]", "a string lacks its closing ”"),
        ("[”a”]", "” is not a value"),
        (r'["\x41"]', "not a JSON string: Invalid \\escape"),
        ("[1] [2]", "expected nothing more, got ["),
        ("[1 /* never ends", "got the end of the text"),
    ],
)
def test_what_has_not_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(LooseJSONError) as caught:
        read_whole(text)
    assert problem in str(caught.value)


@given(VALUES, st.sampled_from([None, 1]))
def test_json_is_read_as_json(value: Any, indent: int | None) -> None:
    for text in (json.dumps(value, indent=indent), json.dumps(value, ensure_ascii=False)):
        assert json.dumps(read_whole(text)) == json.dumps(json.loads(text))


@given(st.recursive(SCALARS | st.text("ab'\" é|"), lambda v: st.lists(v, max_size=3)))
def test_what_python_writes_is_read_as_python_does(value: Any) -> None:
    assert read_whole(repr(value)) == value
