"""What a person reads of a run, letter by letter."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from cli.terminal.console import TRANSCRIPT_WIDTH, plain_console
from cli.terminal.trace import Trace
from graph.events import Message, ProposalsMade, RunEnded, StrategyWritten, Verdict
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


def test_no_result_puts_the_diagnosis_first() -> None:
    ended = RunEnded(
        result=None,
        stopped_because="no new legal candidate in 3 rounds",
        diagnosis="48 proposals; the closest misses it by 31 M.",
        run="runs/r1",
    )
    assert in_pipe([ended]).splitlines() == [
        "",
        "no result ──────────────────────────────────────────────────────────────────────",
        "  48 proposals; the closest misses it by 31 M.",
        "",
        "  stopped     no new legal candidate in 3 rounds",
        "",
        "  run         runs/r1",
    ]


def test_an_unknown_price_is_not_a_price_of_nothing() -> None:
    ended = replace(plays.ENDED, ledger=replace(plays.LEDGER, cost_usd=None), best_top1=None)
    text = in_pipe([ended], 160)
    assert "1,234 tokens, price unknown |" in text
    assert "nothing scored yet" in text
    assert "$0.0123" in in_pipe([replace(plays.ENDED, ledger=replace(plays.LEDGER, cost_usd=0.01234))], 160)


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


def test_a_proposal_of_absurd_size_does_not_push_the_others_off_the_page() -> None:
    absurd = {**plays.GENOTYPES[0], "d": [2] * 1000, "r": "x" * 500}
    proposed = ProposalsMade(
        round=1, model_name="analyst", genotypes=(*plays.GENOTYPES, absurd), unreadable=0, seconds=0.0
    )
    verdicts = [Verdict(plays.illegal(5, absurd, "; ".join(f"d[{i}]: too many" for i in range(995))))]
    lines = in_pipe([proposed, *plays.VERDICTS[:5], plays.FIRST, plays.SECOND, *verdicts]).splitlines()
    assert "  1  208  23443   345.2      7.94  74.31 ± 0.43  new best" in lines
    assert lines[-3].startswith("  6  x..  222..  illegal: d[0]: too many; d[1]")
    assert lines[-1].endswith(" ..")
    assert max(map(len, lines)) <= 80


def test_other_families_fit_the_same_table() -> None:
    tiny = {"depth": 12, "embed_dim": 192, "mlp_ratio": [3.5, 4.0] * 6, "num_heads": [3, 4] * 6}
    cell = {"cell": "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"}
    for genotype, row in ((tiny, "  1  12"), (cell, "  1  |nor_conv_3x3~0|+|..  ")):
        lines = in_pipe(
            [
                ProposalsMade(round=1, model_name="random", genotypes=(genotype,), unreadable=0, seconds=0.0),
                Verdict(plays.judged(0, genotype)),
            ]
        ).splitlines()
        assert lines[2] == "random proposes 1 architecture, 0.0 s"
        assert lines[-1].startswith(row)
        assert max(map(len, lines)) <= 80


AUTOFORMER = {
    "depth": 14,
    "embed_dim": 216,
    "mlp_ratio": [3.5, 4.0, 3.0, 4.0] * 3 + [3.5, 3.5],
    "num_heads": [3, 4, 4, 4] * 3 + [3, 3],
}
RESNET50 = {"r": 208, "d": [2, 1, 0, 1, 2], "e": [0.2, 0.25, 0.35] * 6, "w": [0, 1, 2, 2, 1, 0]}


@pytest.mark.parametrize(
    ("genotype", "width", "header", "row"),
    [
        ({"blocks": [0, 1, 2, 3] * 5}, 80, "  #  blocks                M MACs", "  1  01230123012301230123   304.2"),
        (
            {"blocks": [0, 1, 2, 3] * 5},
            98,
            "  #  blocks                    M MACs",
            "  1  0123 0123 0123 0123 0123   304.2",
        ),
        (AUTOFORMER, 80, "  #  depth  embed_dim  M MACs", "  1  14     216         304.2"),
        (
            AUTOFORMER,
            98,
            "  #  depth  embed_dim  num_heads          M MACs  M params  top-1 %       verdict  (+1 wider)",
            "  1  14     216        3444 3444 3444 33   304.2",
        ),
        (
            AUTOFORMER,
            132,
            "  #  depth  embed_dim  mlp_ratio               num_heads          M MACs",
            "  1  14     216        3½434 3½434 3½434 3½3½  3444 3444 3444 33   304.2",
        ),
        (RESNET50, 80, "  #  r    d      w       M MACs", "  1  208  21012  012210   304.2"),
        (
            RESNET50,
            160,
            "  #  r    d      e" + " " * 66 + "w       M MACs",
            "  1  208  21012  " + " ".join([".2 .25 .35"] * 6) + "  012210   304.2",
        ),
    ],
)
def test_as_many_genes_as_the_width_holds(genotype: dict[str, Any], width: int, header: str, row: str) -> None:
    proposed = ProposalsMade(round=1, model_name="random", genotypes=(genotype,), unreadable=0, seconds=0.0)
    lines = in_pipe([proposed, Verdict(plays.judged(0, genotype, macs_m=304.2, params_m=3.4))], width).splitlines()
    assert lines[-2].startswith(header)
    assert lines[-1].startswith(row)
    assert max(map(len, lines)) <= width


def test_names_of_hidden_genes_are_counted_where_they_do_not_fit() -> None:
    lines = in_pipe(
        [
            ProposalsMade(round=1, model_name="random", genotypes=(AUTOFORMER,), unreadable=0, seconds=0.0),
            Verdict(plays.judged(0, AUTOFORMER)),
        ],
        80,
    )
    assert lines.splitlines()[-2].endswith("verdict  (+2 wider)")


def test_a_run_picked_up_in_the_middle_of_a_round() -> None:
    lines = in_pipe([plays.STARTED, plays.SECOND, plays.ENDED]).splitlines()
    assert "  5  176  33333   301.7      6.50  73.10 ± 0.43  legal" in lines
