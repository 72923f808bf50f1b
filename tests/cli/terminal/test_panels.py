"""The panels of a run's start and end, and the lines between rounds."""

from __future__ import annotations

from dataclasses import replace

from graph.events import RunEnded
from tests.cli.terminal.screen import in_pipe
from tests.graph import plays


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


def test_the_winners_costs_are_those_that_the_run_shows() -> None:
    started = replace(plays.STARTED, costs=("macs_m", "params_m", "paper_macs_m", "latency_ms"))
    result = {**plays.RESULT, "paper_macs_m": 350.0, "latency_ms": 23.5, "latency_device": "note10"}
    lines = in_pipe([started, replace(plays.FOUND, result=result)], 160).splitlines()
    (cost,) = [line for line in lines if line.startswith("  cost")]
    (latency,) = [line for line in lines if line.startswith("  latency")]
    assert "345.24 M MACs, 7.94 M parameters, 350.00 M the paper's MACs" in cost
    assert "23.50 ms on note10" in latency


def test_a_new_best_in_quiet_output_has_the_costs_beside_the_usual() -> None:
    started = replace(plays.STARTED, costs=("macs_m", "params_m", "latency_ms"))
    candidate = plays.FIRST.candidate
    timed = replace(candidate, cost=candidate.cost and replace(candidate.cost, latency_ms=23.5))
    lines = in_pipe([started, replace(plays.FIRST, candidate=timed)], 100, quiet=True).splitlines()
    assert lines[1].startswith("  1/100  74.31 ± 0.43 %  345.2 M MACs, 23.50 ms  r 208")


def test_a_resumed_run_says_how_much_was_done() -> None:
    lines = in_pipe([replace(plays.STARTED, done=7)]).splitlines()
    assert lines[0].startswith("ofa, collm, 100 evaluations, 7 of them done before")


def test_a_server_that_ignores_the_schema_is_seen() -> None:
    ledger = replace(plays.LEDGER, forms={"JSON schema": (5, 4), "prompt alone": (2, 0)})
    text = in_pipe([replace(plays.ENDED, ledger=ledger)], 80)
    assert "4 of 5 answers broke the schema (JSON schema)" in text
    assert "prompt alone" not in text
    assert max(map(len, text.splitlines())) <= 80
