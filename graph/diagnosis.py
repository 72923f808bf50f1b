"""Why a search found nothing new, in figures: what was proposed, how close it came, and what was wrong with it."""

from __future__ import annotations

from collections import Counter

from graph.archive.archive import Archive
from graph.archive.records import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT, Proposal
from graph.coordinator import PATIENCE
from graph.history import counts
from graph.limits import Limits, unit


def diagnose(archive: Archive, limits: Limits) -> str:
    """The last rounds in words if they found nothing new, or the whole run if it found nothing; empty otherwise."""
    last = archive.last_round
    first = archive.last_round_with(LEGAL) + 1
    if last - first + 1 < PATIENCE and archive.evaluations:
        return ""
    proposals = archive.proposals(first, last)
    numbers = Counter(p.verdict for p in proposals)
    found = counts({name: numbers[name] for name in (OVER_LIMIT, DUPLICATE, ILLEGAL)})
    asked = archive.answers(first)
    sources = f" in {asked} answers" if asked else ""
    sentences = [f"{len(proposals)} proposals{sources}" + (f": {found}" if found else "")]
    sentences += [part for part in (_closest(proposals, limits), _fault(archive.last_error(first), proposals)) if part]
    return "; ".join(sentences) + "."


def _closest(proposals: list[Proposal], limits: Limits) -> str:
    misses = [excess for p in proposals if p.verdict == OVER_LIMIT and (excess := limits.excess(p.costs))]
    if not misses:
        return ""
    closest = min(misses, key=lambda excess: excess.share)
    return f"the closest misses {closest.column} <= {closest.limit:g} by {closest.over:.3g} {unit(closest.column)}"


def _fault(error: str, proposals: list[Proposal]) -> str:
    reasons = [p.reason for p in proposals if p.verdict == ILLEGAL]
    error = error or (reasons[-1] if reasons else "")
    return f"the last error: {error}" if error else ""
