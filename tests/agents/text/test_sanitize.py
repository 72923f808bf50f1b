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
        ("[THINK]hm[/THINK] answer", "answer"),
        ("◁think▷hm◁/think▷answer", "answer"),
        ('<thought type="plan">hm</thought>answer', "answer"),
        ("<SCRATCHPAD>hm</SCRATCHPAD>\nanswer", "answer"),
        ("<seed:think>hm</seed:think>answer", "answer"),
        ("<|begin_of_thought|>hm<|end_of_thought|>\n<|begin_of_solution|>answer<|end_of_solution|>", "answer"),
        ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>answer<|END_RESPONSE|>", "answer"),
        ("<|channel>thought\nhm<channel|>answer", "answer"),
        ("<unused94>thought\nhm<unused95>answer", "answer"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>answer<|return|>",
            "answer",
        ),
        ("<|channel|>analysis<|message|>hm<|channel|>final <|constrain|>json<|message|>{}", "{}"),
        ("<|channel|>commentary to=f<|message|>hm<|end|>", ""),
        ("analysisI thinkassistantfinalanswer", "answer"),
        ("answer<|end|>", "answer"),
        ("I think of [3, 5]: the analysis <b>channel</b>", "I think of [3, 5]: the analysis <b>channel</b>"),
    ],
)
def test_reasoning_is_left_out(text: str, kept: str) -> None:
    assert without_reasoning(text) == kept


TAGS = [("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<analysis>", "</analysis>"), ("◁think▷", "◁/think▷")]
PLAIN = st.text("abc {}[]:\n|", max_size=20)


@given(st.lists(st.tuples(PLAIN, st.sampled_from(TAGS), PLAIN), max_size=4), PLAIN)
def test_reasoning_in_any_tags_is_left_out_and_the_rest_is_kept(
    parts: list[tuple[str, tuple[str, str], str]], last: str
) -> None:
    text = "".join(f"{before}{opens}SECRET{thought}{closes}" for before, (opens, closes), thought in parts) + last
    assert without_reasoning(text) == "\n".join([*(before for before, _, _ in parts), last]).strip()


@pytest.mark.parametrize("unit", ["<think ", "<|channel|>", "<|channel|>analysis", "<|channel|>final ", "<thought x"])
def test_beginnings_of_tags_take_bounded_time(unit: str) -> None:
    start = time.process_time()
    without_reasoning(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 1


def test_reasoning_tags_by_the_thousand_take_no_time() -> None:
    start = time.process_time()
    without_reasoning("<think>" * 25_000 + "</think>" * 2_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("value", ["\ud800", {"k": ["\x1b[2J"]}, {"\x00": 1}, [[["\u202e"]]]])
def test_decoded_values_that_no_log_can_hold_are_faulty(value: object) -> None:
    assert invalid_text(value)


def test_ordinary_values_are_not_faulty() -> None:
    assert invalid_text({"r": 208, "ks": [3, 5], "cell": "|skip~0|", "x": None, "y": 1.5}) == ""
