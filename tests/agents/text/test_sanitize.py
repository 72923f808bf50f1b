from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.sanitize import MAX_ANSWER_CHARS, clean, excerpt, invalid_text, without_reasoning


def test_controls_and_surrogates_go_and_layout_stays() -> None:
    dirty = "a\ud800b\x00c\x1b[31md\x7f\x85\u202ee\tf\r\ng\rh\n"
    assert clean(dirty) == "abcde\tf\ng\nh\n"


def test_what_a_terminal_obeys_or_nobody_sees_goes_whole() -> None:
    assert clean("a\x1b[1;31mred\x1b[0m \x9b2Jb \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1bc") == "ared b link c"
    assert clean("\u2066a\u200bb\u2028c\ufeff" + "".join(chr(0xE0000 + ord(c)) for c in "drop r")) == "abc"
    assert clean("\x1b]0;never ends\nnext") == "\nnext"


@given(st.text(st.characters()))
def test_clean_text_can_be_written_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned


def test_endless_text_is_cut() -> None:
    assert len(clean("x" * (MAX_ANSWER_CHARS + 5))) == MAX_ANSWER_CHARS


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt("one\n  two\tthree") == "one two three"
    assert len(excerpt("word " * 100, 40)) == 40


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>hm</think>answer", "answer"),
        ("before <Thinking>hm</Thinking> after", "before \n after"),
        ("opened by the template</think>\nanswer", "answer"),
        ("<think>a</think>x<think>b</think>y", "x\ny"),
        ("<think>never ends", ""),
        ("no thoughts", "no thoughts"),
    ],
)
def test_reasoning_is_left_out(text: str, kept: str) -> None:
    assert without_reasoning(text) == kept


def test_reasoning_tags_by_the_thousand_take_no_time() -> None:
    start = time.process_time()
    without_reasoning("<think>" * 25_000 + "</think>" * 2_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("value", ["\ud800", {"k": ["\x1b[2J"]}, {"\x00": 1}, [[["\u202e"]]]])
def test_decoded_values_that_no_log_can_hold_are_faulty(value: object) -> None:
    assert invalid_text(value)


def test_ordinary_values_are_not_faulty() -> None:
    assert invalid_text({"r": 208, "ks": [3, 5], "cell": "|skip~0|", "x": None, "y": 1.5}) == ""
