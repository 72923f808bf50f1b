"""The agents' view of the archive: the briefing on the task, and a briefing on each finished round."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.roles.briefing import Briefing, RoundBriefing
from agents.text.architecture_table import COST_ONLY, EVALUATED, ArchitectureRow
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Candidate
from graph.context import RunContext
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.cost import COST_KINDS, Cost
from supernets.space.cost_table import SingleChange

RANDOM_REFERENCES = 14
"""Random architectures whose costs the briefing lists, besides the smallest and the largest."""


class History:
    """Closed rounds, each read once, since they never change."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._rounds: list[RoundBriefing] = []
        self._errors: list[float] = []
        """Standard errors of all scores."""
        self._complete: list[Evaluation] = []
        """All scores on all images."""

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
        self._errors += [row.stderr for row in scored if row.stderr is not None]
        return RoundBriefing(
            number=number,
            guidance=archive.guidance(number) or "",
            rows=tuple(rows),
            remarks=_remarks(candidates),
            evaluations=(previous.evaluations if previous else 0) + len(scored),
            budget=self._context.budget.evaluations,
            changes=self._changes(number, scores.values()),
            score_error=statistics.median(self._errors) if self._errors else None,
            difference_error=difference_error([score.hits for score in scores.values() if score.hits]),
            human_remarks=archive.remarks.of(number),
            requested=archive.requested(number),
            proposed=tuple(_genes(self._context, c.architecture) for c in candidates if c.architecture),
        )

    def _changes(self, number: int, scores: Iterable[Evaluation]) -> dict[str, str]:
        """What single changes of the best architecture so far add to limited costs that no table has exactly.

        It is the best within the limits of the round after round `number`.
        """
        context, space = self._context, self._context.agent_space
        self._complete += (score for score in scores if score.images == context.protocol.search_images)
        if not (columns := _inexact(context)):
            return {}
        limits = context.sweep.round(number + 1)
        kept = (s for s in self._complete if limits.excess(context.space.cost(s.architecture)) is None)
        best = max(kept, key=lambda score: score.top1, default=None)
        if best is None:
            return {}
        a = space.parse(_genes(context, best.architecture))
        return {name: _described(space.single_changes(a, name)) for name in columns}


def briefing(context: RunContext) -> Briefing:
    """The task: space, limits, measure, and costs of reference architectures."""
    config, space = context.config, context.space
    images = context.protocol.search_images
    measure = f"on {images:,} images that are not named" if config.disguise else context.protocol.measure
    tables = _cost_tables(context)
    turns = [tuple(context.sweep.round(number).maxima.items()) for number in range(1, len(context.sweep) + 1)]
    rng = random.Random(f"reference:{config.seed}")
    references = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(RANDOM_REFERENCES))]
    if config.disguise:
        rng.shuffle(references)
    return Briefing(
        space_text=context.agent_space.describe(),
        limits=tuple(context.sweep.widest.maxima.items()),
        turns=tuple(turns) if len(turns) > 1 else (),
        target=config.target,
        measure=measure,
        error_meaning=context.protocol.error_meaning,
        schema=context.agent_space.json_schema,
        costs={name: COST_KINDS[name].digits for name in _columns(context)},
        cost_tables=tables,
        reference=tuple(_cost_row(context, a) for a in references) if _inexact(context) else (),
        races=config.fidelity == "race",
        per_round=config.per_round,
        budget=config.evaluations,
    )


def _limited(context: RunContext) -> Sequence[str]:
    """Costs that are limited in some round."""
    return list(context.sweep.narrowest.maxima)


def _columns(context: RunContext) -> list[str]:
    """Limited costs; without a limit MACs, which would tell agents of a disguised space which choice is which."""
    limited = [name for name in COST_KINDS if name in _limited(context)]
    return limited or ([] if context.config.disguise else ["macs_m"])


def _inexact(context: RunContext) -> list[str]:
    """Limited costs of which no table has every network's."""
    table = context.space.cost_table()
    return [name for name in _limited(context) if not table.adds_up(name) or name in table.notes]


def _described(changes: Sequence[SingleChange]) -> str:
    """`x[0]: 1 +3.20, 2 -0.51`, one line for each gene."""
    by_gene: dict[str, list[str]] = {}
    for change in changes:
        by_gene.setdefault(change.dimension.label, []).append(f"{change.choice} {change.adds:+.2f}")
    return "\n".join(f"{label}: {', '.join(each)}" for label, each in by_gene.items())


def _cost_tables(context: RunContext) -> dict[str, str]:
    table = context.agent_space.cost_table()
    return {name: table.describe(name) for name in _limited(context) if table.adds_up(name)}


def _costs(context: RunContext, cost: Cost) -> dict[str, float | None]:
    return {name: cost.figure(name) for name in _columns(context)}


def _genes(context: RunContext, a: Architecture) -> dict[str, Any]:
    return dict(context.agent_space.to_disguised(a.to_dict()))


def _cost_row(context: RunContext, a: Architecture) -> ArchitectureRow:
    return ArchitectureRow(genotype=_genes(context, a), costs=_costs(context, context.space.cost(a)), verdict=COST_ONLY)


def _row(
    context: RunContext, candidate: Candidate, scores: Mapping[Architecture, Evaluation]
) -> ArchitectureRow | None:
    a, cost = candidate.architecture, candidate.cost
    if a is None or cost is None:
        return None
    genes, costs = _genes(context, a), _costs(context, cost)
    id = f"{candidate.round}.{candidate.index + 1}"
    if candidate.verdict == OVER_LIMIT:
        return ArchitectureRow(id=id, genotype=genes, costs=costs, verdict=OVER_LIMIT)
    if candidate.verdict != LEGAL or (score := scores.get(a)) is None:
        return None
    stopped = score.images < context.protocol.search_images
    verdict = f"stopped at {score.images} images" if stopped else EVALUATED
    return ArchitectureRow(id=id, genotype=genes, costs=costs, verdict=verdict, top1=score.top1, stderr=score.stderr)


def difference_error(hits: Sequence[bytes]) -> float | None:
    """Median standard error of the differences of successive scores on the same images, in percentage points.

    Args:
        hits: of each score, one bit for each image.
    """
    errors = []
    for one, other in itertools.pairwise(hits):
        if len(one) != len(other):
            continue
        first, second = int.from_bytes(one), int.from_bytes(other)
        images = 8 * len(one)
        gained, lost = (second & ~first).bit_count(), (first & ~second).bit_count()
        variance = (gained + lost) / images - ((gained - lost) / images) ** 2
        errors.append(100 * math.sqrt(variance / images))
    return statistics.median(errors) if errors else None


def _remarks(candidates: list[Candidate]) -> str:
    """`3 were illegal and 2 known before`; empty if there are none."""
    illegal, known = (sum(c.verdict == verdict for c in candidates) for verdict in (ILLEGAL, DUPLICATE))
    parts = [f"{illegal} {'was' if illegal == 1 else 'were'} illegal"] * bool(illegal)
    parts += [f"{known} {'was' if known == 1 else 'were'} known before"] * bool(known)
    return " and ".join(parts)


def counts(numbers: dict[str, int]) -> str:
    """Numbers of verdicts as a phrase: `3 illegal, 1 duplicate, 2 over the limit`; zeros are left out."""
    return ", ".join(f"{n} {_noun(verdict, n)}" for verdict, n in numbers.items() if n)


def _noun(verdict: str, n: int) -> str:
    if verdict == OVER_LIMIT:
        return "over the limit"
    return "duplicates" if verdict == DUPLICATE and n > 1 else verdict
