"""The diagnosis of a search that found nothing new: numbers of proposals, the closest miss, and the last error."""

from __future__ import annotations

from collections import Counter

from graph.archive.archive import Archive
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Candidate
from graph.coordinator import PATIENCE
from graph.history import counts
from graph.limits import Limits


def diagnose(archive: Archive, limits: Limits) -> str:
    """A sentence on the last rounds if they found nothing new, or on a run that found nothing; empty otherwise."""
    last = archive.last_round
    first = archive.last_round_with(LEGAL) + 1
    if last - first + 1 < PATIENCE and archive.evaluation_count:
        return ""
    candidates = archive.candidates(first, last)
    numbers = Counter(c.verdict for c in candidates)
    found = counts({name: numbers[name] for name in (OVER_LIMIT, DUPLICATE, ILLEGAL)})
    answers = archive.answers(first)
    sources = f" in {answers} answers" if answers else ""
    sentences = [f"{len(candidates)} proposals{sources}" + (f": {found}" if found else "")]
    sentences += [
        part for part in (_closest(candidates, limits), _last_error(archive.last_error(first), candidates)) if part
    ]
    return "; ".join(sentences) + "."


def _closest(candidates: list[Candidate], limits: Limits) -> str:
    over = [c.cost for c in candidates if c.verdict == OVER_LIMIT and c.cost]
    misses = [excess for cost in over if (excess := limits.excess(cost))]
    if not misses:
        return ""
    closest = min(misses, key=lambda excess: excess.share)
    return f"the closest misses {closest.kind.name} <= {closest.limit:g} by {closest.over:.3g} {closest.kind.unit}"


def _last_error(error: str, candidates: list[Candidate]) -> str:
    reasons = [c.reason for c in candidates if c.verdict == ILLEGAL]
    error = error or (reasons[-1] if reasons else "")
    return f"the last error: {error}" if error else ""
