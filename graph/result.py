"""What a finished run says of itself: the content of `result.json`, and the score that goes with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graph.archive.ledger import ledger, run_ledger
from graph.archive.records import Proposal, Score
from graph.context import RunContext
from graph.coordinator import checked, score_of
from supernets.evaluate.evaluator import Evaluator

SCHEMA = 1


def report(context: RunContext, evaluator: Evaluator, best: Proposal) -> Score:
    """The score of the best on images that no choice has seen, measured once and kept."""
    a = context.space.parse(best.genotype or {})
    known = context.archive.find_score(a.id, context.protocol.id, "report")
    if known:
        return known
    score = score_of(checked(evaluator.report(a), a, context.protocol.id))
    context.archive.score(best, context.protocol.id, "report", score, context.budget.seconds)
    return score


def result(context: RunContext, best: Proposal, reported: Score) -> dict[str, Any]:
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
        "architecture": context.space.genotype(context.space.parse(best.genotype or {})),
        "macs_m": best.macs_m,
        "params_m": best.params_m,
        "latency_ms": best.latency_ms,
        "latency_device": config.latency_device,
        "search_top1": best.top1,
        "search_stderr": best.stderr,
        "report_top1": reported.top1,
        "report_stderr": reported.stderr,
        **({"predicted": True} if context.protocol.predicted else {}),
        "evaluations": archive.evaluations,
        "ledger": {
            "total": {**asdict(total), "illegal_rate": round(total.illegal_rate, 4)},
            "rounds": [asdict(ledger(archive, number, number)) for number in rounds],
        },
        "prices": dict(context.prices),
        "stopped_because": archive.stopped_because,
    }
