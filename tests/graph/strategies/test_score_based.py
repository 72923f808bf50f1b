"""The history of scores that strategies without a language model share."""

from __future__ import annotations

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.strategies.score_based import ScoreHistory
from tests.graph.fakes import SPACE, FormulaEvaluator, genotypes


def finish(context: RunContext, round: int) -> None:
    proposed = [*genotypes(f"good {round}", 2, under=500), *genotypes(f"costly {round}", 1, over=500), {"r": 1}]
    context.archive.begin_round(round, "", 0.0)
    context.archive.propose(round, 4, Proposals(genotypes=proposed), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(round)


def test_scores_come_in_order_and_everything_proposed_is_known(context: RunContext) -> None:
    finish(context, 1)
    finish(context, 2)
    history = ScoreHistory(context)
    history.read(2)
    assert history.scored == context.archive.evaluations(1, 1)
    history.read(3)
    history.read(3)
    assert history.scored == context.archive.evaluations(1, 2)
    assert len(history.tried) == 6
    assert SPACE.parse(genotypes("costly 2", 1, over=500)[0]) in history.tried


def test_the_best_come_first(context: RunContext) -> None:
    finish(context, 1)
    finish(context, 2)
    history = ScoreHistory(context)
    history.read(3)
    top1 = [evaluation.top1 for evaluation in history.best(3)]
    assert top1 == sorted((evaluation.top1 for evaluation in history.scored), reverse=True)[:3]
