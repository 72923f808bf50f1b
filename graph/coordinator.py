"""The Coordinator: the only thing that judges proposals, spends evaluations and writes scores.

Notable: it works from the archive and through it, one round at a time, so a round that was interrupted anywhere is
finished by running it again: recorded verdicts are kept, recorded scores are not measured again. It learns nothing and
knows no strategy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graph.archive.ledger import ledger
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Candidate
from graph.context import RunContext
from graph.events import Evaluated, Ledger, Message, RoundEnded, Verdict
from supernets.evaluate.evaluator import GROUP, Evaluation, Evaluator
from supernets.space.architecture import Architecture, InvalidArchitecture

PATIENCE = 3
"""Rounds in a row without a new legal candidate after which a search stops."""


class Coordinator:
    """Judges and scores the proposals of a round, and decides whether the search continues."""

    def __init__(self, context: RunContext, evaluator: Evaluator) -> None:
        self._context = context
        self._evaluator = evaluator
        found = [context.archive.best(limits.maxima) for limits in context.sweep.each]
        self._best = [None if best is None else best[1].top1 for best in found]
        """The best score within each of the limits, those of the whole search last."""
        self._total: Ledger | None = None

    def finish_round(self, round: int) -> str:
        """Judge, score and close a round that has been proposed; why the search stops, or an empty string."""
        archive = self._context.archive
        stage = archive.stage(round)
        if stage == "closed":
            return archive.stopped_because
        candidates = archive.candidates(round, round)
        if stage == "proposed":
            candidates = self._judge(round, candidates)
        self._score(round, [candidate for candidate in candidates if candidate.verdict == LEGAL])
        return self._close(round)

    def _judge(self, round: int, proposed: list[Candidate]) -> list[Candidate]:
        judged: list[Candidate] = []
        seen: set[Architecture] = set()
        for candidate in proposed:
            judged.append(self._verdict(candidate, seen))
            if a := judged[-1].architecture:
                seen.add(a)
        self._context.archive.judge(round, judged)
        for candidate in judged:
            self._context.emit(Verdict(candidate))
        return judged

    def _verdict(self, candidate: Candidate, seen: set[Architecture]) -> Candidate:
        if not candidate.readable:
            return replace(candidate, verdict=ILLEGAL)
        context = self._context
        try:
            a = context.space.parse(json.loads(candidate.text))
        except InvalidArchitecture as error:
            return replace(candidate, verdict=ILLEGAL, reason="; ".join(error.problems))
        cost = context.space.cost(a)
        candidate = replace(candidate, architecture=a, cost=cost)
        earlier = candidate.round if a in seen else context.round_of(a, candidate.round)
        if earlier:
            return replace(candidate, verdict=DUPLICATE, reason=f"proposed in round {earlier}")
        for twin in context.twins(a):
            if earlier := candidate.round if twin in seen else context.round_of(twin, candidate.round):
                reason = f"the same network as {json.dumps(twin.to_dict())}, proposed in round {earlier}"
                return replace(candidate, verdict=DUPLICATE, reason=reason)
        if excess := context.sweep.round(candidate.round).excess(cost):
            reason = f"by {excess.over:.3g} {excess.kind.unit} {excess.kind.label}"
            return replace(candidate, verdict=OVER_LIMIT, reason=reason)
        return replace(candidate, verdict=LEGAL)

    def _score(self, round: int, legal: Sequence[Candidate]) -> None:
        scored = {evaluation.architecture for evaluation in self._context.archive.evaluations(round, round)}
        pending = [candidate for candidate in legal if candidate.architecture not in scored]
        if scored:
            text = f"Round {round} goes on: {len(scored)} of {len(legal)} candidates are scored."
            self._context.emit(Message(text))
        # An evaluator may score several before it yields the first; those beyond the budget would be lost.
        pending = pending[: self._context.budget.left]
        race = self._context.config.fidelity == "race"
        archs = _architectures(pending)
        scores = self._raced(legal, pending) if race else iter(self._evaluator.evaluate(archs))
        for candidate, a in zip(pending, archs, strict=True):
            if self._stop():
                break
            self._keep(candidate, checked(next(scores), a, self._context.protocol.id))

    def _raced(self, legal: Sequence[Candidate], pending: Sequence[Candidate]) -> Iterator[Evaluation]:
        """Evaluations by groups of the round, each group against what was complete before its first candidate.

        So a candidate races against the same others whenever the run was interrupted.
        """
        archive, error = self._context.archive, self._context.config.race_error
        for start in range(0, len(legal), GROUP):
            group = legal[start : start + GROUP]
            racing = self._evaluator.racing(archive.hits(before=group[0]), error)
            yield from racing.evaluate(_architectures([candidate for candidate in group if candidate in pending]))

    def _keep(self, candidate: Candidate, evaluation: Evaluation) -> None:
        context, budget = self._context, self._context.budget
        context.archive.score(candidate, evaluation, "search", budget.seconds)
        budget.spend()
        stopped = evaluation.images < context.protocol.search_images
        is_best = not stopped and self._improves(candidate, evaluation.top1)
        assert self._best[-1] is not None  # only a candidate that has seen all images can stop another
        context.emit(
            Evaluated(
                candidate=candidate,
                evaluation=evaluation,
                is_best=is_best,
                stopped=stopped,
                best_top1=self._best[-1],
                evaluations=budget.spent,
                budget=budget.evaluations,
                elapsed=budget.seconds,
                remaining=budget.remaining(),
            )
        )

    def _improves(self, candidate: Candidate, top1: float) -> bool:
        """Whether a score is the best so far within any of the limits; it is kept as that."""
        assert candidate.cost is not None  # it is legal
        improved = False
        for i, (limits, best) in enumerate(zip(self._context.sweep.each, self._best, strict=True)):
            if (best is None or top1 > best) and limits.excess(candidate.cost) is None:
                self._best[i], improved = top1, True
        return improved

    def _close(self, round: int) -> str:
        context = self._context
        fruitless = round - context.archive.last_round_with(LEGAL)
        reason = self._stop() or (f"no new legal candidate in {PATIENCE} rounds" if fruitless >= PATIENCE else "")
        context.archive.end_round(round, reason, context.budget.seconds)
        counts = ledger(context.archive, round, round)
        # Summed up as rounds end, since a sum over the archive would take longer with every round.
        self._total = (self._total or ledger(context.archive, 1, round - 1)) + counts
        context.emit(RoundEnded(round=round, ledger=counts, total=self._total, best_top1=self._best[-1]))
        return reason

    def _stop(self) -> str:
        target, best = self._context.config.target, self._best[-1]
        if target is not None and best is not None and best >= target:
            return f"target of {target:g} % reached"
        return self._context.budget.exhausted()


def checked(evaluation: Evaluation, a: Architecture, protocol: str) -> Evaluation:
    """The evaluation, if it is of this architecture and protocol; anything else would corrupt the archive."""
    if evaluation.architecture != a or evaluation.protocol != protocol:
        raise RuntimeError(
            f"asked for {a.id} under protocol {protocol}, "
            f"the evaluator answered with {evaluation.architecture.id} under {evaluation.protocol}"
        )
    return evaluation


def _architectures(candidates: Sequence[Candidate]) -> list[Architecture]:
    return [candidate.architecture for candidate in candidates if candidate.architecture]
