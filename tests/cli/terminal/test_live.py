"""What the trace does to a terminal, a pipe and a stream of another encoding."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from cli.terminal.console import open_console
from cli.terminal.json_lines import JsonLines
from cli.terminal.trace import Trace
from graph.events import Message, ProposalsMade, RunEnded, Scoring, Steered, StrategyWritten, Verdict, Writing
from tests.cli.terminal.screen import Screen, in_pipe
from tests.graph import plays


@pytest.fixture(autouse=True)
def neutral_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "LINES", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def terminal(colour: bool = True) -> Console:
    return Console(
        file=io.StringIO(), width=80, height=30, force_terminal=True, color_system="standard", no_color=not colour
    )


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_ends_with_the_lines_of_a_pipe_and_with_its_cursor() -> None:
    console = terminal()
    with Trace(console, refresh=0) as trace:
        for event in plays.RUN:
            trace(event)
    screen = Screen().feed(output(console))
    assert screen.lines == in_pipe(plays.RUN).splitlines()
    assert screen.cursor_visible


def test_the_foot_shows_waiting_rows_and_progress() -> None:
    console, now = terminal(), [10.0]
    with Trace(console, refresh=0, clock=lambda: now[0]) as trace:
        for event in (plays.STARTED, plays.PLANNED, plays.PROPOSED, *plays.VERDICTS, plays.FIRST):
            trace(event)
        now[0] += 5
        trace(Message("five seconds later"))
        trace(Message("the last redraw was before"))
        screen = Screen().feed(output(console))
    assert not screen.cursor_visible
    assert screen.lines[-3:-1] == [
        "  5  176  33333   301.7      6.50                legal",
        "  6              illegal: no object",
    ]
    assert screen.lines[-1].startswith("scored 1 of 2      ━")
    assert screen.lines[-1].endswith("  1/100  best 74.31 %  1:07  about 1:01:40 left")
    assert len(screen.lines[-1]) == 77


def test_a_foot_of_many_rows_leaves_room_above() -> None:
    genotypes = tuple(plays.genotype(208, [2, 2, 2, 2, d % 3 + 2]) for d in range(40))
    console = terminal()
    with Trace(console, refresh=0) as trace:
        trace(plays.STARTED)
        trace(ProposalsMade(round=1, model_name="random", genotypes=genotypes, unreadable=0, seconds=0.0))
        for i, genotype in enumerate(genotypes):
            trace(Verdict(plays.judged(i, genotype)))
        lines = Screen().feed(output(console)).lines
    assert lines[-2] == "     25 more lines to come"
    assert len(lines) - lines.index("round 1 " + "─" * 72) == 20


@pytest.mark.parametrize("moment", range(1, len(plays.RUN)))
def test_an_interrupt_at_any_moment_leaves_the_terminal_sane(moment: int) -> None:
    console, events = terminal(), plays.RUN[:moment]

    def broken_run() -> None:
        with Trace(console, refresh=0) as trace:
            for event in events:
                trace(event)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_run()
    screen = Screen().feed(output(console))
    assert screen.cursor_visible
    assert screen.lines == in_pipe(events).rstrip().splitlines()
    assert screen.row == len(in_pipe(events).splitlines())


def test_a_redrawn_foot_follows_the_clock() -> None:
    console = terminal()
    with Trace(console, refresh=200, clock=iter(range(10_000)).__next__) as trace:
        trace(plays.STARTED)
        for _ in range(500):
            if "0:05" in output(console):
                break
            time.sleep(0.01)
    assert "0:05" in output(console)
    assert Screen().feed(output(console)).cursor_visible


def test_colours_are_few_and_mean_something() -> None:
    console = terminal()
    with Trace(console, refresh=0) as trace:
        for event in plays.RUN:
            trace(event)
    text = output(console)
    assert "\x1b[1;36mNavigator (analyst)\x1b[0m\x1b[2m writes the strategy, 0.1 s\x1b[0m" in text
    assert "\x1b[1;32m  74.31 ± 0.43\x1b[0m  \x1b[1;32mnew best\x1b[0m" in text
    assert "\x1b[31millegal\x1b[0m\x1b[2m: r: expected one of" in text
    assert "\x1b[33mover limit\x1b[0m\x1b[2m by 41.2 M MACs\x1b[0m" in text


def test_without_colour_no_colour_code_is_left() -> None:
    console = terminal(colour=False)
    with Trace(console, refresh=0) as trace:
        for event in plays.RUN:
            trace(event)
    text = output(console)
    assert "\x1b[1mNavigator (analyst)" in text
    assert not any(f"\x1b[{colour}m" in text or f";{colour}m" in text for colour in (31, 32, 33, 36, 90))


def test_a_pipe_gets_no_control_codes() -> None:
    page = io.StringIO()
    with Trace(open_console(page)) as trace:
        for event in plays.RUN:
            trace(event)
    assert page.getvalue() == in_pipe(plays.RUN)


def test_forced_colours_in_a_pipe_move_no_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    page = io.StringIO()
    with Trace(open_console(page)) as trace:
        for event in plays.RUN:
            trace(event)
    assert "\x1b[1;32m" in page.getvalue()
    assert "\x1b[?25l" not in page.getvalue()
    assert Screen().feed(page.getvalue()).lines == in_pipe(plays.RUN).splitlines()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_that_is_not_utf8_gets_letters_that_it_has(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    with Trace(open_console(stream)) as trace:
        for event in plays.RUN:
            trace(event)
        trace(Message("≥ → “quoted” … 中 3½ ▁▆█"))
    text = raw.getvalue().decode(encoding)
    assert "round 1 ------" in text
    assert "  | Key patterns" in text
    assert "74.31 +- 0.43  new best" in text
    assert "stage 1  [k5 e3]-[k7 e6]" in text
    assert max(map(len, text.splitlines())) <= 80
    if encoding == "ascii":
        assert '>= -> "quoted" ... ? 3h .*@' in text


def test_text_of_a_model_is_data() -> None:
    hostile = (
        "[bold red]x[/] [link=http://a]y[/link] :smile: \x1b]8;;http://a\x1b\\z\x1b[2J \x07\x9b31m \u202eback \ud800"
    )
    console = terminal()
    with Trace(console, refresh=0) as trace:
        trace(plays.STARTED)
        trace(
            StrategyWritten(
                round=1,
                model_name=hostile,
                text=f"# {hostile}\n- {hostile} **{hostile}**\n\n| {hostile} |",
                seconds=0.1,
            )
        )
        trace(
            ProposalsMade(
                round=1,
                model_name=hostile,
                genotypes=({hostile: hostile, "r": [hostile, {"a": 1}]},),
                unreadable=0,
                seconds=0.0,
            )
        )
        trace(Verdict(plays.illegal(0, {hostile: hostile, "r": [1]}, f"{hostile}\n{hostile}")))
        trace(Message(hostile, "warning"))
        trace(RunEnded(result=None, stopped_because=hostile, diagnosis=hostile, run=hostile))
    text = output(console)
    assert "[bold red]x[/] [link=http://a]y[/link] :smile: ]8;;http://a\\z[2J" in text
    assert not set(text) & set("\x07\x9b\u202e\ud800")
    assert Screen().feed(text).cursor_visible


def shown_while_writing(*pieces: str) -> list[str]:
    """The screen, redrawn by the clock, once the last word of the pieces stands on it."""
    console = terminal()
    with Trace(console, refresh=200) as trace:
        trace(plays.STARTED)
        for piece in pieces:
            trace(Writing("navigator", piece))
        for _ in range(500):
            if "end" in output(console):
                break
            time.sleep(0.01)
        lines = Screen().feed(output(console)).lines
        for event in plays.RUN[1:]:
            trace(event)
    assert Screen().feed(output(console)).lines == in_pipe(plays.RUN).splitlines()
    return lines


def test_the_end_of_what_a_model_is_writing_is_shown_until_all_of_it_is() -> None:
    lines = shown_while_writing("## Summary\nLook", "ing at late kernels.\n", "line\n" * 40, "the ", "end")
    assert lines[-11:-1] == ["  │ line"] * 9 + ["  │ the end"]


def test_control_characters_of_a_stream_never_reach_the_terminal() -> None:
    lines = shown_while_writing("late \x1b", "[2J\x1b]0;title\x07", "\x9b31m kernels\u202e", " end")
    assert lines[-2] == "  │ late [2J]0;title31m kernels end"


def test_before_the_first_scores_the_images_seen_are_shown() -> None:
    console = terminal()

    def last_line(trace: Trace) -> str:
        trace(Message("a redraw"))
        trace(Message("another"))
        return Screen().feed(output(console)).lines[-1]

    with Trace(console, refresh=0) as trace:
        for event in (plays.STARTED, plays.PLANNED, plays.PROPOSED, *plays.VERDICTS):
            trace(event)
        trace(Scoring(1250, 5000))
        assert "1,250 of 5,000 images" in last_line(trace)
        trace(plays.FIRST)
        assert "images" not in last_line(trace)
    page = io.StringIO()
    JsonLines(page)(Scoring(1250, 5000))
    assert page.getvalue() == ""


def test_pieces_of_text_are_for_terminals_alone() -> None:
    pieces = [Writing("navigator", "half a")] * 3
    events = [plays.STARTED, *pieces, *plays.RUN[1:]]
    assert in_pipe(events) == in_pipe(plays.RUN)
    assert in_pipe(events, quiet=True) == in_pipe(plays.RUN, quiet=True)
    page = io.StringIO()
    lines = JsonLines(page)
    for event in events:
        lines(event)
    assert "half a" not in page.getvalue()


def test_someone_else_may_have_the_terminal_for_a_while() -> None:
    console = terminal()
    with Trace(console, refresh=0) as trace:
        for event in (plays.STARTED, plays.PLANNED):
            trace(event)
        with trace.suspended():
            screen = Screen().feed(output(console))
            assert screen.cursor_visible
            assert not screen.lines[-1].startswith("proposing")
        assert Screen().feed(output(console)).lines[-1].startswith("proposing")


def test_a_persons_words_are_part_of_the_story() -> None:
    text = in_pipe([plays.STARTED, plays.PLANNED, Steered(1, "remark", "Deeper, please."), *plays.RUN[2:]])
    assert "You remark on the strategy\n  │ Deeper, please.\n" in text
