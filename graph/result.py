"""The result of a finished run: the content of `result.json`, and the winners' scores on the report split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from graph.archive.ledger import ledger, run_ledger
from graph.context import RunContext
from graph.coordinator import checked
from graph.events import Ledger
from graph.winner import Winner, winners, without_winner
from supernets.evaluate.evaluator import Evaluator
from supernets.space.space import SearchSpace

SCHEMA = 1


def report(context: RunContext, evaluator: Evaluator) -> list[Winner]:
    """The winners with their scores on the report split, each measured once and recorded."""
    for winner in winners(context.archive, context.sweep):
        a = winner.search.architecture
        if context.archive.find_evaluation(a, context.protocol.id, "report") is None:
            measured = checked(evaluator.report(a), a, context.protocol.id)
            context.archive.score(winner.candidate, measured, "report", context.budget.seconds)
    return winners(context.archive, context.sweep)


def result(context: RunContext, reported: Sequence[Winner]) -> dict[str, Any]:
    """JSON types only; accuracies in percent, counts in millions.

    Args:
        reported: the winners with their report scores; the last is that of the whole search.
    """
    config, archive = context.config, context.archive
    rounds = range(1, archive.last_round + 1)
    total = run_ledger(archive)
    return {
        "schema": SCHEMA,
        "supernet": config.supernet,
        "strategy": config.strategy,
        "models": {role: settings.name for role, settings in sorted(config.models.items())},
        "answered": archive.calls.answered(),
        "seed": config.seed,
        "protocol": {"id": context.protocol.id, **context.protocol.to_dict()},
        **_found(context.space, reported[-1]),
        "latency_device": config.latency_device,
        **({"predicted": True} if context.protocol.predicted else {}),
        "evaluations": archive.evaluation_count,
        "ledger": {
            "total": {**_counts(total), "illegal_rate": round(total.illegal_rate, 4)},
            "rounds": [_counts(ledger(archive, number, number)) for number in rounds],
        },
        "prices": dict(context.prices),
        "stopped_because": archive.stopped_because,
        **(_several(context, reported) if len(context.sweep) > 1 else {}),
    }


def _several(context: RunContext, reported: Sequence[Winner]) -> dict[str, Any]:
    """The winner of each limit, and the limits within which nothing is scored."""
    return {
        "winners": [winner_fields(context.space, each) for each in reported],
        "without_winner": [dict(limits.maxima) for limits in without_winner(context.sweep, reported)],
    }


def winner_fields(space: SearchSpace, winner: Winner) -> dict[str, Any]:
    """The limits of a winner and what was found within them, as JSON types; no report score where none is measured."""
    return {"limits": dict(winner.limits.maxima), "id": winner.search.architecture.id, **_found(space, winner)}


def _found(space: SearchSpace, winner: Winner) -> dict[str, Any]:
    """A winner, its costs and its scores."""
    report = winner.report
    return {
        "architecture": space.genotype(winner.search.architecture),
        **(winner.candidate.cost.figures() if winner.candidate.cost else {}),
        "search_top1": winner.search.top1,
        "search_stderr": winner.search.stderr,
        "report_top1": report and report.top1,
        "report_stderr": report and report.stderr,
    }


def _counts(counted: Ledger) -> dict[str, Any]:
    """A ledger as JSON types; without forms of answers where none is known, as in results of earlier versions."""
    return {name: value for name, value in asdict(counted).items() if name != "forms" or value}
