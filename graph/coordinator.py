"""The Coordinator: the only thing that judges proposals, spends evaluations and writes scores.

Notable: it works from the archive and through it, one round at a time, so a round that was interrupted anywhere is
finished by running it again: verdicts that stand are kept, scores that stand are not measured again. It learns nothing
and knows no strategy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graph.archive.ledger import ledger
from graph.archive.records import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Proposal, Score
from graph.context import RunContext
from graph.events import Evaluated, Ledger, Message, RoundEnded, Verdict
from graph.limits import LABELS, unit
from supernets.evaluate.evaluator import GROUP, Evaluation, Evaluator
from supernets.space.architecture import Architecture, InvalidArchitecture

PATIENCE = 3
"""Rounds in a row without a new legal candidate after which a search stops."""


class Coordinator:
    """Judges and scores the proposals of a round, and says whether the search goes on."""

    def __init__(self, context: RunContext, evaluator: Evaluator) -> None:
        self._context = context
        self._evaluator = evaluator
        self._best = context.archive.best()
        self._total: Ledger | None = None

    def finish_round(self, round: int) -> str:
        """Judge, score and close a round that has been proposed; why the search stops, or an empty string."""
        archive = self._context.archive
        stage = archive.stage(round)
        if stage == "closed":
            return archive.stopped_because
        proposals = archive.proposals(round, round)
        if stage == "proposed":
            proposals = self._judge(round, proposals)
        self._score(proposals)
        return self._close(round)

    def _judge(self, round: int, proposals: list[Proposal]) -> list[Proposal]:
        judged: list[Proposal] = []
        seen: dict[str, int] = {}
        for proposal in proposals:
            judged.append(self._verdict(proposal, seen))
            if judged[-1].architecture:
                seen.setdefault(judged[-1].architecture, round)
        self._context.archive.judge(round, judged)
        for p in judged:
            self._context.emit(
                Verdict(
                    round, p.index, p.genotype or (json.loads(p.sent) if p.readable else None), p.architecture,
                    p.verdict or "", p.reason, p.macs_m, p.params_m, p.paper_macs_m,
                    p.latency_ms,
                )
            )  # fmt: skip
        return judged

    def _verdict(self, proposal: Proposal, seen: dict[str, int]) -> Proposal:
        if not proposal.readable:
            return replace(proposal, verdict=ILLEGAL)
        space = self._context.space
        try:
            a = space.parse(json.loads(proposal.sent))
        except InvalidArchitecture as error:
            return replace(proposal, verdict=ILLEGAL, reason="; ".join(error.problems))
        cost = space.cost(a)
        known = replace(
            proposal,
            architecture=a.id,
            genotype=space.genes(a),
            macs_m=cost.macs_m,
            params_m=cost.params_m,
            paper_macs_m=cost.paper_macs_m,
            latency_ms=cost.latency_ms,
        )
        earlier = seen.get(a.id) or self._context.archive.round_of(a.id, before=proposal.round)
        if earlier:
            return replace(known, verdict=DUPLICATE, reason=f"proposed in round {earlier}")
        excess = self._context.limits.excess(known.costs)
        if excess:
            reason = f"by {excess.over:.3g} {unit(excess.column)} {LABELS[excess.column]}"
            return replace(known, verdict=OVER_LIMIT, reason=reason)
        return replace(known, verdict=LEGAL)

    def _score(self, proposals: list[Proposal]) -> None:
        legal = [p for p in proposals if p.verdict == LEGAL]
        pending = [p for p in legal if p.top1 is None]
        if len(pending) < len(legal):
            text = f"Round {legal[0].round} goes on: {len(legal) - len(pending)} of {len(legal)} candidates are scored."
            self._context.emit(Message(text))
        # An evaluator may score several before it gives the first; those that the budget does not hold would be lost.
        pending = pending[: self._context.budget.left]
        race = self._context.config.fidelity == "race"
        scores = self._raced(legal, pending) if race else iter(self._evaluator.evaluate(self._architectures(pending)))
        for proposal, a in zip(pending, self._architectures(pending), strict=True):
            if self._stop():
                break
            self._keep(proposal, checked(next(scores), a, self._context.protocol.id))

    def _raced(self, legal: Sequence[Proposal], pending: Sequence[Proposal]) -> Iterator[Evaluation]:
        """Groups as they stand in the round, each against what was complete before its first candidate.

        So a candidate races against the same others whenever the run was interrupted.
        """
        archive, error = self._context.archive, self._context.config.race_error
        for start in range(0, len(legal), GROUP):
            group = legal[start : start + GROUP]
            racing = self._evaluator.racing(archive.hits(before=group[0]), error)
            yield from racing.evaluate(self._architectures([p for p in group if p in pending]))

    def _architectures(self, proposals: Sequence[Proposal]) -> list[Architecture]:
        return [self._context.space.parse(json.loads(p.sent)) for p in proposals]

    def _keep(self, proposal: Proposal, evaluation: Evaluation) -> None:
        context, budget = self._context, self._context.budget
        context.archive.score(proposal, evaluation.protocol, "search", score_of(evaluation), budget.seconds)
        budget.spend()
        scored = replace(proposal, top1=evaluation.top1, stderr=evaluation.stderr, images=evaluation.images)
        stopped = evaluation.images < context.protocol.search_images
        is_best = not stopped and (self._best is None or evaluation.top1 > (self._best.top1 or 0.0))
        self._best = scored if is_best else self._best
        assert self._best is not None
        assert proposal.genotype is not None
        assert proposal.architecture is not None
        context.emit(
            Evaluated(
                round=proposal.round,
                index=proposal.index,
                id=proposal.architecture,
                genotype=proposal.genotype,
                macs_m=proposal.macs_m or 0.0,
                params_m=proposal.params_m or 0.0,
                latency_ms=proposal.latency_ms,
                top1=evaluation.top1,
                stderr=evaluation.stderr,
                images=evaluation.images,
                stopped=stopped,
                seconds=evaluation.seconds,
                best_top1=self._best.top1 or 0.0,
                is_best=is_best,
                evaluations=budget.spent,
                budget=budget.evaluations,
                elapsed=budget.seconds,
                remaining=budget.remaining(),
            )
        )

    def _close(self, round: int) -> str:
        context = self._context
        fruitless = round - context.archive.last_round_with(LEGAL)
        reason = self._stop() or (f"no new legal candidate in {PATIENCE} rounds" if fruitless >= PATIENCE else "")
        context.archive.end_round(round, reason, context.budget.seconds)
        best = self._best.top1 if self._best else None
        counts = ledger(context.archive, round, round)
        # Added up as the rounds end: a sum over the archive would take longer with every round.
        self._total = (self._total or ledger(context.archive, 1, round - 1)) + counts
        context.emit(RoundEnded(round, counts, self._total, best))
        return reason

    def _stop(self) -> str:
        target, best = self._context.config.target, self._best
        if target is not None and best is not None and (best.top1 or 0.0) >= target:
            return f"target of {target:g} % reached"
        return self._context.budget.exhausted()


def checked(evaluation: Evaluation, a: Architecture, protocol: str) -> Evaluation:
    """The evaluation, if it is the one that was asked for; anything else would poison the archive."""
    if evaluation.architecture != a or evaluation.protocol != protocol:
        raise RuntimeError(
            f"asked for {a.id} under protocol {protocol}, "
            f"the evaluator answered with {evaluation.architecture.id} under {evaluation.protocol}"
        )
    return evaluation


def score_of(evaluation: Evaluation) -> Score:
    return Score(evaluation.top1, evaluation.stderr, evaluation.images, evaluation.seconds, evaluation.hits)
