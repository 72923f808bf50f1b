"""The candidates of a run as rows of plain values, for files and for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graph.archive.archive import Archive
from supernets.space.cost import COST_KINDS
from supernets.space.space import SearchSpace


def candidate_table(archive: Archive, space: SearchSpace) -> Iterator[dict[str, Any]]:
    """Every candidate in the order of its proposal; all rows have the same keys.

    Yields:
        rows with `round` from 1, `index` within the round from 1, `id` of the architecture, `verdict`, `reason`, `top1`
        and `stderr` on the search images in percent, `images`, `seconds` of scoring, the costs under the names of
        `Cost`, and `genotype` as JSON, in the customary form where it is legal. What is unknown is None. A candidate
        that a race stopped has an estimate from the `images` that it was scored on.
    """
    last = archive.last_round
    scores = {score.architecture: score for score in archive.evaluations(1, last)}
    for candidate in archive.candidates(1, last):
        architecture, cost = candidate.architecture, candidate.cost
        # Of several proposals of one architecture, the first was scored.
        score = scores.pop(architecture, None) if architecture else None
        genotype = space.genotype(architecture) if architecture else candidate.genotype
        yield {
            "round": candidate.round,
            "index": candidate.index + 1,
            "id": architecture.id if architecture else None,
            "verdict": candidate.verdict,
            "reason": candidate.reason,
            **{name: getattr(score, name) if score else None for name in ("top1", "stderr", "images", "seconds")},
            **{name: getattr(cost, name) if cost else None for name in COST_KINDS},
            "genotype": None if genotype is None else json.dumps(genotype, separators=(",", ":")),
        }
