"""How texts and numbers are shown."""

from __future__ import annotations

import io

import pytest
from rich.console import RenderableType

from cli.terminal.console import (
    WholeWords,
    clean,
    clock_text,
    columns,
    count,
    duration,
    fit,
    gene_text,
    money,
    open_console,
    plain_console,
    score_text,
    table,
)


def shown(renderable: RenderableType) -> list[str]:
    page = io.StringIO()
    plain_console(page, 60).print(renderable)
    return [line.rstrip() for line in page.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb", "a   b"), ("a\r\nb\rc", "a\nbc"), ("\x1b[31mred\x1b[0m", "[31mred[0m"), ("a\u202eb\u2028c", "abc")],
)
def test_nothing_that_a_terminal_obeys_is_left(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_a_text_is_cut_to_its_width() -> None:
    assert (fit("abc", 5), fit("abcdef", 5), fit("名名名", 5)) == ("abc  ", "abc..", "名 ..")


def test_scores_have_their_error_and_estimates_less_precision() -> None:
    assert score_text(74.312, 0.431) == "74.31 ± 0.43"
    assert score_text(74.312, 0.431, ascii_only=True) == "74.31 +- 0.43"
    assert score_text(74.312, 0.431, estimated=True) == "~74.3 ± 0.4"
    assert score_text(74.312, None) == "74.31"


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (0.44, "0.4 s", "0:00"),
        (98, "98 s", "1:38"),
        (130, "2 min 10 s", "2:10"),
        (3 * 3600 + 300, "3 h 05 min", "3:05:00"),
    ],
)
def test_times(seconds: float, long: str, short: str) -> None:
    assert (duration(seconds), clock_text(seconds)) == (long, short)


def test_money_and_numbers() -> None:
    assert [money(cost) for cost in (None, 0, 0.01234, 2.5)] == ["price unknown", "$0", "$0.0123", "$2.50"]
    assert [count(number, "image") for number in (0, 1, 1234)] == ["0 images", "1 image", "1,234 images"]


def test_genes_of_one_digit_are_grouped() -> None:
    assert gene_text([2, 3, 4, 4, 3]) == "23443"
    assert gene_text([3.5, 4.0]) == "3½4"
    assert gene_text(208) == "208"


def test_a_stream_without_a_letter_gets_ascii_instead() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    open_console(stream).print("74 ± 1 … ☃")
    assert raw.getvalue() == b"74 +- 1 ... ?\n"


def test_tables_align_labels_left_and_figures_right() -> None:
    assert shown(table([("MACs", "345.24 M"), ("id", "[bold]x")])) == ["MACs  345.24 M", "id    [bold]x"]
    assert shown(columns(["name", "MACs"], [["a", "1.0"], ["bcd", "10.0"]])) == [
        "name  MACs",
        "a      1.0",
        "bcd   10.0",
    ]


@pytest.mark.parametrize("word", ["/a/path/" + "x" * 80, "https://host/" + "y" * 70, "z" * 60, "--option=" + "w" * 59])
def test_a_word_that_is_wider_than_the_terminal_stays_whole(word: str) -> None:
    assert any(word in line for line in shown(table([("weights", f"those of {word}, all")])))
    assert any(word in line for line in shown(WholeWords(f"not used of {word}: 3 images and many more")))
    assert any(word in line for line in shown(WholeWords(word, start=("warning: ", "yellow"))))


def test_values_wrap_between_words_under_each_other() -> None:
    assert shown(table([("note", "word " * 14), ("id", "a\nb")])) == [
        "note  word word word word word word word word word word word", "      word word word", "id    a", "      b",
    ]  # fmt: skip
