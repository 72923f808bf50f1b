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
    best = context.archive.best()
    assert best is not None
    candidate, score = best
    calls: list[str] = []
    evaluator = FormulaEvaluator(before=calls.append)
    first = report(context, evaluator, candidate, score.architecture)
    assert report(context, evaluator, candidate, score.architecture) == first
    assert (calls, first.images) == (["report"], context.protocol.report_images)


def test_costs_and_both_scores_of_the_winner_are_in_the_result(context: RunContext) -> None:
    finished(context)
    best = context.archive.best()
    assert best is not None
    candidate, score = best
    reported = report(context, FormulaEvaluator(), candidate, score.architecture)
    found = result(context, candidate, score, reported)
    cost = SPACE.cost(score.architecture)
    assert (found["macs_m"], found["params_m"], found["paper_macs_m"]) == (
        cost.macs_m,
        cost.params_m,
        cost.paper_macs_m,
    )
    assert (found["search_top1"], found["report_top1"]) == (score.top1, reported.top1)
    assert SPACE.parse(found["architecture"]) == score.architecture
    assert (found["evaluations"], found["ledger"]["total"]["evaluated"]) == (3, 3)
    assert "predicted" not in found
