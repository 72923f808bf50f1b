"""The agents' view of the archive: the briefing on the task, and a briefing on each finished round."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from agents.roles.briefing import Briefing, RoundBriefing
from agents.text.architecture_table import ArchitectureRow
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Candidate
from graph.context import RunContext
from supernets.evaluate.evaluator import Evaluation, standard_error
from supernets.space.architecture import Architecture
from supernets.space.cost import COST_KINDS, Cost

_RACE = (
    "; a candidate that cannot become the best any more is stopped before it has seen all of them: its verdict is then "
    "`stopped at N images`, its top1 an estimate"
)
_ALWAYS_SHOWN = ("macs_m", "params_m", "paper_macs_m", "latency_ms")
"""Columns of the agents' tables in every run: resumed runs must rebuild their recorded prompts word for word."""
RANDOM_REFERENCES = 14
"""Random architectures whose costs the briefing lists, besides the smallest and the largest."""


class History:
    """Closed rounds, each read once, since they never change."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._rounds: list[RoundBriefing] = []

    def before(self, round: int) -> list[RoundBriefing]:
        """Briefings on rounds 1 to `round` - 1."""
        while len(self._rounds) < round - 1:
            self._rounds.append(self._read(len(self._rounds) + 1))
        return self._rounds[: round - 1]

    def _read(self, number: int) -> RoundBriefing:
        archive, previous = self._context.archive, self._rounds[-1] if self._rounds else None
        candidates = archive.candidates(number, number)
        scores = {evaluation.architecture: evaluation for evaluation in archive.evaluations(number, number)}
        rows = [row for candidate in candidates if (row := _row(self._context, candidate, scores))]
        scored = [row for row in rows if row.top1 is not None]
        earlier = [previous.best] if previous and previous.best else []
        return RoundBriefing(
            number=number,
            guidance=archive.guidance(number) or "",
            rows=tuple(rows),
            remarks=_remarks(candidates),
            best=max([*earlier, *scored], key=lambda row: row.top1 or 0.0, default=None),
            evaluations=(previous.evaluations if previous else 0) + len(scored),
            budget=self._context.budget.evaluations,
            human_remarks=archive.remarks.of(number),
            requested=archive.requested(number),
            proposed=tuple(_genes(self._context, c.architecture) for c in candidates if c.architecture),
        )


def briefing(context: RunContext) -> Briefing:
    """The task: space, limits, measure, and costs of reference architectures."""
    config, space, images = context.config, context.space, context.protocol.search_images
    measured = f"on {images:,} images that are not named" if config.disguise else context.protocol.measure
    rng = random.Random(f"reference:{config.seed}")
    references = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(RANDOM_REFERENCES))]
    return Briefing(
        space_text=context.agent_space.describe(),
        limits=tuple(context.limits.maxima.items()),
        target=config.target,
        measure=(
            f"top-1 accuracy in percent {measured}; the standard error of one score is about "
            f"{standard_error(75, images):.2f}{_RACE if config.fidelity == 'race' else ''}"
        ),
        schema=context.agent_space.json_schema,
        costs=tuple(_columns(context)),
        reference=tuple(_cost_row(context, a) for a in references),
        per_round=config.per_round,
        budget=config.evaluations,
    )


def _columns(context: RunContext) -> list[str]:
    return [name for name in COST_KINDS if name in _ALWAYS_SHOWN or name in context.limits.maxima]


def _costs(context: RunContext, cost: Cost) -> dict[str, float | None]:
    return {name: cost.figure(name) for name in _columns(context)}


def _genes(context: RunContext, a: Architecture) -> dict[str, Any]:
    return dict(context.agent_space.to_disguised(a.to_dict()))


def _cost_row(context: RunContext, a: Architecture) -> ArchitectureRow:
    return ArchitectureRow(
        genotype=_genes(context, a), costs=_costs(context, context.space.cost(a)), verdict="cost only"
    )


def _row(
    context: RunContext, candidate: Candidate, scores: Mapping[Architecture, Evaluation]
) -> ArchitectureRow | None:
    a, cost = candidate.architecture, candidate.cost
    if a is None or cost is None:
        return None
    genes, costs = _genes(context, a), _costs(context, cost)
    if candidate.verdict == OVER_LIMIT:
        return ArchitectureRow(genotype=genes, costs=costs, verdict=OVER_LIMIT)
    if candidate.verdict != LEGAL or (score := scores.get(a)) is None:
        return None
    stopped = score.images < context.protocol.search_images
    verdict = f"stopped at {score.images} images" if stopped else "evaluated"
    return ArchitectureRow(genotype=genes, costs=costs, verdict=verdict, top1=score.top1, stderr=score.stderr)


def _remarks(candidates: list[Candidate]) -> str:
    return counts({name: sum(c.verdict == name for c in candidates) for name in (ILLEGAL, DUPLICATE)})


def counts(numbers: dict[str, int]) -> str:
    """Numbers of verdicts as a phrase: `3 illegal, 1 duplicate, 2 over the limit`; zeros are left out."""
    return ", ".join(f"{n} {_noun(verdict, n)}" for verdict, n in numbers.items() if n)


def _noun(verdict: str, n: int) -> str:
    if verdict == OVER_LIMIT:
        return "over the limit"
    return "duplicates" if verdict == DUPLICATE and n > 1 else verdict
