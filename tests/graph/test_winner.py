"""The winners of several limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.text.proposals import Proposals
from graph.config import Config
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.events import Evaluated, Event
from graph.limits import Sweep
from graph.result import report, result
from graph.winner import winners
from tests.graph.fakes import SPACE, FormulaEvaluator, genotypes


def swept(context: RunContext) -> tuple[RunContext, list[Event]]:
    """Twenty scores of one round of a search for two limits."""
    events: list[Event] = []
    settings: dict[str, Any] = {"limits": {"macs_m": [350, 500]}, "evaluations": 40}
    config = Config(supernet="ofa", **settings)
    context = replace(context, config=config, sweep=Sweep.of(config, SPACE), emit=events.append)
    context.archive.begin_round(1, "", 0.0)
    context.archive.propose(1, 20, Proposals(genotypes=genotypes("drawn", 20, under=520)), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(1)
    return context, events


def test_what_keeps_the_widest_limit_is_scored_and_counts_for_every_limit_that_it_keeps(context: RunContext) -> None:
    context, events = swept(context)
    scored = [event for event in events if isinstance(event, Evaluated)]
    assert {event.candidate.verdict for event in scored} == {"legal"}
    assert any(SPACE.cost(event.evaluation.architecture).macs_m > 350 for event in scored)
    narrow, wide = winners(context.archive, context.sweep)
    within = [e.evaluation for e in scored if SPACE.cost(e.evaluation.architecture).macs_m <= 350]
    assert narrow.search == max(within, key=lambda each: each.top1)
    assert wide.search == max((e.evaluation for e in scored), key=lambda each: each.top1)
    assert narrow.report is wide.report is None


def test_what_is_over_the_limit_of_its_round_is_not_scored_and_may_come_again(context: RunContext) -> None:
    context, _ = swept(context)
    costly = [each for each in genotypes("costly", 9, under=500) if SPACE.cost(SPACE.parse(each)).macs_m > 350][:1]
    for number, verdict in ((2, "over limit"), (3, "legal"), (4, "duplicate")):
        context.archive.begin_round(number, "", 0.0)
        context.archive.propose(number, 1, Proposals(genotypes=costly), 0.0)
        Coordinator(context, FormulaEvaluator()).finish_round(number)
        (candidate,) = context.archive.candidates(number, number)
        assert candidate.verdict == verdict


def test_a_limit_within_which_nothing_is_scored_is_told(context: RunContext) -> None:
    settings: dict[str, Any] = {"limits": {"macs_m": [150, 500]}}
    config = Config(supernet="ofa", **settings)
    context = replace(context, config=config, sweep=Sweep.of(config, SPACE))
    context.archive.begin_round(1, "", 0.0)
    context.archive.propose(1, 1, Proposals(genotypes=genotypes("drawn", 1, under=500)), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(1)
    found = result(context, report(context, FormulaEvaluator()))
    assert [winner["limits"] for winner in found["winners"]] == [{"macs_m": 500}]
    assert found["without_winner"] == [{"macs_m": 150}]


def test_a_new_best_within_any_limit_is_said_to_be_one(context: RunContext) -> None:
    _, events = swept(context)
    best = {350.0: 0.0, 500.0: 0.0}
    for event in events:
        if not isinstance(event, Evaluated):
            continue
        kept = [limit for limit in best if SPACE.cost(event.evaluation.architecture).macs_m <= limit]
        top1 = event.evaluation.top1
        assert event.is_best == any(top1 > best[limit] for limit in kept)
        best |= {limit: max(best[limit], top1) for limit in kept}
        assert event.best_top1 == best[500.0]


def test_each_winner_is_reported_once_and_is_in_the_result(context: RunContext) -> None:
    context, _ = swept(context)
    calls: list[str] = []
    reported = report(context, FormulaEvaluator(before=calls.append))
    assert len(calls) == len({winner.search.architecture for winner in reported})
    found = result(context, reported)
    narrow, wide = found["winners"]
    assert (narrow["limits"], wide["limits"]) == ({"macs_m": 350}, {"macs_m": 500})
    assert narrow["macs_m"] <= 350
    assert wide["architecture"] == found["architecture"]
    assert narrow["report_top1"] == FormulaEvaluator().report(reported[0].search.architecture).top1
