"""The content of `result.json`, and the winner's report score."""

from __future__ import annotations

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.result import report, result
from tests.graph.fakes import SPACE, FormulaEvaluator, genotypes


def finished(context: RunContext) -> None:
    context.archive.begin_round(1, "", 0.0)
    context.archive.propose(1, 3, Proposals(genotypes=genotypes("three", 3, under=500)), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(1)


def test_the_winner_is_reported_once(context: RunContext) -> None:
    finished(context)
    calls: list[str] = []
    evaluator = FormulaEvaluator(before=calls.append)
    (first,) = report(context, evaluator)
    assert report(context, evaluator) == [first]
    assert first.report is not None
    assert (calls, first.report.images) == (["report"], context.protocol.report_images)


def test_costs_and_both_scores_of_the_winner_are_in_the_result(context: RunContext) -> None:
    finished(context)
    (winner,) = report(context, FormulaEvaluator())
    found = result(context, [winner])
    cost = SPACE.cost(winner.search.architecture)
    assert (found["macs_m"], found["params_m"], found["paper_macs_m"]) == (
        cost.macs_m,
        cost.params_m,
        cost.paper_macs_m,
    )
    assert winner.report is not None
    assert (found["search_top1"], found["report_top1"]) == (winner.search.top1, winner.report.top1)
    assert SPACE.parse(found["architecture"]) == winner.search.architecture
    assert (found["evaluations"], found["ledger"]["total"]["evaluated"]) == (3, 3)
    assert "predicted" not in found
    assert "winners" not in found
