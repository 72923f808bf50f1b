"""What a person reads of a run, letter by letter."""

from __future__ import annotations

import io

import pytest

from cli.terminal.console import TRANSCRIPT_WIDTH, plain_console
from cli.terminal.trace import Trace
from graph.events import Message
from tests.cli.terminal.screen import in_pipe
from tests.graph import plays


def test_a_whole_run_at_80_columns() -> None:
    assert in_pipe(plays.RUN).splitlines() == [
        "ofa, collm, 100 evaluations ────────────────────────────────────────────────────",
        "  navigator   analyst     no language model: none was named",
        "  limit       350 M MACs  the default of ofa",
        "  run folder  runs/r1     new",
        "",
        "  Cost limits mean the full-size architecture.",
        "",
        "round 1 ────────────────────────────────────────────────────────────────────────",
        "Navigator (analyst) writes the strategy, 0.1 s",
        "  │ Strategy",
        "  │",
        "  │ Key patterns",
        "  │   - 7x7 kernels in stage 4: +0.4 ± 0.2 over 3x3, 31 against 28 candidates",
        "  │   - d[0] = 2 saves MACs",
        "  │   gene  best",
        "  │   r     208",
        "  │ preferences for 2 genes, 1 example",
        "",
        "Generator (analyst) proposes 5 architectures and 1 that cannot be read, 0.2 s",
        "  #  r    d      M MACs  M params  top-1 %       verdict  (wider: ks, e)",
        "  1  208  23443   345.2      7.94  74.31 ± 0.43  new best",
        "  2  224  44444   391.2     11.10                over limit by 41.2 M MACs",
        "  3  200  23443  illegal: r: expected one of 160, 176, 192, 208, 224; got 200;",
        "                 ks[0]: got 4",
        "  4  208  23443   345.2      7.94                duplicate: proposed in round 1",
        "  5  176  33333   301.7      6.50  73.10 ± 0.43  legal",
        "  6              illegal: no object",
        "round 1: 16 asked, 5 read, 1 illegal (17 %), 1 duplicate, 1 over the limit, 2",
        "  scored | 2 calls, 1,234 tokens, $0 | models 0.4 s, scoring 9.8 s",
        "  best 74.31 %",
        "warning: tried twice",
        "",
        "result ─────────────────────────────────────────────────────────────────────────",
        "",
        "  stem     [stem k3]",
        "  stage 1  [k5 e3]─[k7 e6]",
        "",
        "  cost        345.24 M MACs, 7.94 M            exact, of the network to be",
        "              parameters                       deployed",
        "  search      74.31 ± 0.43 %                   images that chose it: the best of",
        "                                               many looks better than it is",
        "  report      73.90 ± 0.44 %                   images that the search never saw:",
        "                                               the figure to quote",
        "  r           208",
        "  d           23443",
        "  ks          3357 3357 3357 3357 3357",
        "  e           6334 6334 6334 6334 6334",
        "  stopped     budget of 100 evaluations used",
        "  proposals   16 asked, 5 read, 1 illegal (17 %), 1 duplicate, 1 over the limit,",
        "              2 scored",
        "  models      2 calls, 1,234 tokens, $0, 0.4 s",
        "  scoring     9.8 s",
        "",
        "  On ImageNet: --images DIR",
        "",
        "  run         runs/r1",
    ]


def test_at_160_columns_whole_genotypes_and_the_ledger_on_one_line() -> None:
    lines = in_pipe(plays.RUN, 160).splitlines()
    header = (
        "  #  r    d      ks                        e                         M MACs  M params  top-1 %       verdict"
    )
    first = (
        "  1  208  23443  3357 3357 3357 3357 3357  6334 6334 6334 6334 6334   345.2      7.94  74.31 ± 0.43  new best"
    )
    ledger = (
        "round 1: 16 asked, 5 read, 1 illegal (17 %), 1 duplicate, 1 over the limit, 2 scored | "
        "2 calls, 1,234 tokens, $0 | models 0.4 s, scoring 9.8 s | best 74.31 %"
    )
    assert lines[lines.index(header) + 1] == first
    assert ledger in lines


@pytest.mark.parametrize("width", [60, 80, 100, 132, 160])
def test_no_line_is_too_wide_or_ends_in_spaces(width: int) -> None:
    lines = in_pipe(plays.RUN, width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_a_round_that_is_cut_short_shows_what_was_not_scored() -> None:
    lines = in_pipe([plays.STARTED, plays.PROPOSED, *plays.VERDICTS, plays.FIRST]).splitlines()
    assert "  5  176  33333   301.7      6.50                legal, not scored" in lines


def test_the_transcript_is_whole_and_plain_whatever_the_terminal_shows() -> None:
    copy = io.StringIO()
    with Trace(plain_console(io.StringIO(), 80), copy, quiet=True) as trace:
        for event in plays.RUN:
            trace(event)
    assert copy.getvalue() == in_pipe(plays.RUN, TRANSCRIPT_WIDTH)


def test_quiet() -> None:
    lines = in_pipe([*plays.RUN[:-1], Message("not now"), plays.FOUND], quiet=True).splitlines()
    assert lines[:5] == [
        "ofa, collm, 100 evaluations, run runs/r1",
        "  1/100  74.31 ± 0.43 %  345.2 M MACs  r 208  d 23443  ks 3357 3357 3357 3357 33",
        "warning: tried twice",
        "",
        "result ─────────────────────────────────────────────────────────────────────────",
    ]
    assert lines[-1] == "  run         runs/r1"


def test_a_run_picked_up_in_the_middle_of_a_round() -> None:
    lines = in_pipe([plays.STARTED, plays.SECOND, plays.ENDED]).splitlines()
    assert "  5  176  33333   301.7      6.50  73.10 ± 0.43  legal" in lines
