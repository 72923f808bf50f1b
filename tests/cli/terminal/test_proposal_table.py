"""The table of a round's candidates, at several widths and for several families."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cli.terminal.proposal_table import Columns, RoundTable
from graph.events import ProposalsMade, Verdict
from supernets.space.cost import shown_kinds
from tests.cli.terminal.screen import in_pipe
from tests.graph import plays


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


def test_every_kind_of_cost_that_the_run_shows_has_a_column() -> None:
    shown = ("macs_m", "params_m", "latency_ms")
    legal = plays.judged(0, {"r": 208})
    assert legal.cost
    candidates = [
        replace(legal, cost=replace(legal.cost, latency_ms=23.456)),
        replace(legal, index=1, cost=replace(legal.cost, macs=12_345_678_900_000)),
    ]
    lines = in_pipe(
        [
            replace(plays.STARTED, costs=shown),
            ProposalsMade(round=1, model_name="random", genotypes=({"r": 208},), unreadable=0, seconds=0.0),
            *map(Verdict, candidates),
        ]
    ).splitlines()
    assert lines[-3:] == [
        "  #  r    M MACs  M params      ms  top-1 %       verdict",
        "  1  208   300.0      6.00   23.46                legal, not scored",
        "  2  208  12345679      6.00                        legal, not scored",
    ]


def test_rows_wait_for_the_scores_above_them() -> None:
    table = RoundTable(columns=Columns.of([], shown_kinds(())))
    first, second, third = (Verdict(plays.judged(i, {"r": i})) for i in range(3))
    over = Verdict(replace(third.candidate, verdict="over limit", reason="by 3 M MACs"))
    for event in (first, second, over):
        table.add(event)
    assert (table.settled(), table.phase) == ([], "scored 0 of 2")
    scored = replace(plays.FIRST, candidate=first.candidate)
    table.add(scored)
    assert (table.settled(), table.phase) == ([scored], "scored 1 of 2")
    assert [row.candidate.reason for row in table.cut()] == ["not scored", "by 3 M MACs"]
    assert table.cut() == []
