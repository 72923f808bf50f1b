"""The archive in the agents' words: finished rounds as the Navigator is told of them, and the task of both agents."""

from __future__ import annotations

import random

from agents.roles.briefing import Briefing, RoundBriefing
from agents.text.architecture_table import ArchitectureRow
from graph.archive.records import DUPLICATE, ILLEGAL, OVER_LIMIT, Proposal
from graph.context import RunContext
from supernets.evaluate.evaluator import standard_error
from supernets.space.architecture import Architecture

_RACE = (
    "; a candidate that cannot become the best any more is stopped before it has seen all of them: its verdict is then "
    "`stopped at N images`, its top1 an estimate"
)
RANDOM_REFERENCES = 14
"""Random architectures whose costs are shown at the start, beside the smallest and the largest."""


class History:
    """Closed rounds, read once each: they never change."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._rounds: list[RoundBriefing] = []

    def before(self, round: int) -> list[RoundBriefing]:
        """Rounds 1 to `round` - 1."""
        while len(self._rounds) < round - 1:
            self._rounds.append(self._read(len(self._rounds) + 1))
        return self._rounds[: round - 1]

    def _read(self, number: int) -> RoundBriefing:
        archive, previous = self._context.archive, self._rounds[-1] if self._rounds else None
        proposals = archive.proposals(number, number)
        rows = [row for p in proposals if (row := _row(self._context, p))]
        scored = [row for row in rows if row.top1 is not None]
        earlier = [previous.best] if previous and previous.best else []
        return RoundBriefing(
            number=number,
            strategy=archive.strategy(number) or "",
            rows=tuple(rows),
            remarks=_remarks(proposals),
            best=max([*earlier, *scored], key=lambda row: row.top1 or 0.0, default=None),
            evaluations=(previous.evaluations if previous else 0) + len(scored),
            budget=self._context.budget.evaluations,
            human_remarks=archive.remarks.of(number),
            requested=archive.requested(number),
            proposed=tuple(dict(self._context.agent_space.to_disguised(p.genotype)) for p in proposals if p.genotype),
        )


def briefing(context: RunContext) -> Briefing:
    """The task: space, limits, measure, and some costs for scale."""
    config, space, images = context.config, context.space, context.protocol.search_images
    measured = f"on {images:,} images that are not named" if config.disguise else context.protocol.measure
    rng = random.Random(f"reference:{config.seed}")
    references = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(RANDOM_REFERENCES))]
    return Briefing(
        space_text=context.agent_space.describe(),
        limits=tuple(context.limits.greatest.items()),
        target=config.target,
        measure=(
            f"top-1 accuracy in percent {measured}; the standard error of one score is about "
            f"{standard_error(75, images):.2f}{_RACE if config.fidelity == 'race' else ''}"
        ),
        schema=context.agent_space.json_schema,
        reference=tuple(_cost_row(context, a) for a in references),
        per_round=config.per_round,
        budget=config.evaluations,
    )


def _cost_row(context: RunContext, a: Architecture) -> ArchitectureRow:
    cost = context.space.cost(a)
    genes = dict(context.agent_space.to_disguised(context.space.genes(a)))
    return ArchitectureRow(
        genotype=genes,
        macs_m=cost.macs_m,
        params_m=cost.params_m,
        verdict="cost only",
        paper_macs_m=cost.paper_macs_m,
        latency_ms=cost.latency_ms,
    )


def _row(context: RunContext, p: Proposal) -> ArchitectureRow | None:
    over = p.verdict == OVER_LIMIT
    if p.genotype is None or p.macs_m is None or p.params_m is None or not (over or p.top1 is not None):
        return None
    stopped = p.images is not None and p.images < context.protocol.search_images
    verdict = OVER_LIMIT if over else f"stopped at {p.images} images" if stopped else "evaluated"
    genes = dict(context.agent_space.to_disguised(p.genotype))
    return ArchitectureRow(
        genotype=genes,
        macs_m=p.macs_m,
        params_m=p.params_m,
        verdict=verdict,
        paper_macs_m=p.paper_macs_m,
        latency_ms=p.latency_ms,
        top1=p.top1,
        stderr=p.stderr,
    )


def _remarks(proposals: list[Proposal]) -> str:
    return counts({name: sum(p.verdict == name for p in proposals) for name in (ILLEGAL, DUPLICATE)})


def counts(numbers: dict[str, int]) -> str:
    """Verdicts and how many got them, in words: `3 illegal, 1 duplicate, 2 over the limit`; zeros are left out."""
    return ", ".join(f"{n} {_noun(verdict, n)}" for verdict, n in numbers.items() if n)


def _noun(verdict: str, n: int) -> str:
    if verdict == OVER_LIMIT:
        return "over the limit"
    return "duplicates" if verdict == DUPLICATE and n > 1 else verdict
