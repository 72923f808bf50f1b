"""A model's Markdown as the trace shows it."""

from __future__ import annotations

import io

import pytest

from cli.terminal.console import plain_console
from cli.terminal.markdown import Prose, without_blocks
from graph.events import StrategyWritten
from tests.cli.terminal.screen import in_pipe


def test_a_long_strategy_is_cut_and_says_so() -> None:
    text = "\n".join(f"- point {i}" for i in range(60))
    lines = in_pipe([StrategyWritten(round=1, model_name="analyst", text=text, seconds=0.1)]).splitlines()
    assert "  │ - point 39" in lines
    assert "  │ - point 40" not in lines
    assert "  │ 20 more lines, in the archive" in lines


@pytest.mark.parametrize(
    ("block", "summary"),
    [
        ('```json\n{"prefer": {"r": {}}}\n```', "preferences for 1 gene"),
        ("```json\n{not json}\n```", "a json block of 11 characters that cannot be read"),
        ('```json\n{"prefer": {}, "examples": [', "a json block of 28 characters that cannot be read"),
        ("```json\n[1]\n```", "a json block without preferences"),
    ],
)
def test_machine_readable_blocks_become_one_line(block: str, summary: str) -> None:
    lines = in_pipe(
        [StrategyWritten(round=1, model_name="analyst", text=f"Words.\n\n{block}", seconds=0.1)]
    ).splitlines()
    assert lines[3:] == ["  │ Words.", f"  │ {summary}", ""]


def shown(markdown: str, width: int = 60) -> list[str]:
    page = io.StringIO()
    plain_console(page, width).print(Prose(markdown))
    return [line.rstrip() for line in page.getvalue().splitlines()]


def test_headings_lists_and_tables_are_kept() -> None:
    text = "## Key patterns\nDeep is\nbetter.\n1. first\n* `second`\n\n| gene | best |\n|---|---|\n| r | **208** |"
    assert shown(text) == [
        "  │ Key patterns",
        "  │   Deep is better.",
        "  │   1. first",
        "  │   - second",
        "  │   gene  best",
        "  │   r     208",
    ]


def test_control_codes_and_links_are_letters() -> None:
    assert shown("\x1b[31mred [link=http://x]y[/link]") == ["  │ [31mred [link=http://x]y[/link]"]


def test_the_first_block_is_summarised_and_all_are_left_out() -> None:
    text = 'a\n```json\n{"examples": [1]}\n```\nb\n```json\n{}\n```\n'
    assert without_blocks(text) == ("a\n\nb\n\n", "1 example")
