"""The result of a finished run: the content of `result.json`, and the winner's score on the report split."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graph.archive.ledger import ledger, run_ledger
from graph.candidate import Candidate
from graph.context import RunContext
from graph.coordinator import checked
from graph.events import Ledger
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.space.architecture import Architecture

SCHEMA = 1


def report(context: RunContext, evaluator: Evaluator, best: Candidate, a: Architecture) -> Evaluation:
    """The score of the best candidate on the report split, measured once and recorded."""
    known = context.archive.find_evaluation(a, context.protocol.id, "report")
    if known:
        return known
    measured = checked(evaluator.report(a), a, context.protocol.id)
    context.archive.score(best, measured, "report", context.budget.seconds)
    return measured


def result(context: RunContext, best: Candidate, searched: Evaluation, reported: Evaluation) -> dict[str, Any]:
    """JSON types only; accuracies in percent, counts in millions."""
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
        "architecture": context.space.genotype(searched.architecture),
        **(best.cost.figures() if best.cost else {}),
        "latency_device": config.latency_device,
        "search_top1": searched.top1,
        "search_stderr": searched.stderr,
        "report_top1": reported.top1,
        "report_stderr": reported.stderr,
        **({"predicted": True} if context.protocol.predicted else {}),
        "evaluations": archive.evaluation_count,
        "ledger": {
            "total": {**_counts(total), "illegal_rate": round(total.illegal_rate, 4)},
            "rounds": [_counts(ledger(archive, number, number)) for number in rounds],
        },
        "prices": dict(context.prices),
        "stopped_because": archive.stopped_because,
    }


def _counts(counted: Ledger) -> dict[str, Any]:
    """A ledger as JSON types; without forms of answers where none is known, as in results of earlier versions."""
    return {name: value for name, value in asdict(counted).items() if name != "forms" or value}
