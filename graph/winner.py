"""The winners of a run: the best candidate within each of its limits, by the search scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.archive.archive import Archive
from graph.candidate import Candidate
from graph.limits import Limits, Sweep
from supernets.evaluate.evaluator import Evaluation


@dataclass(frozen=True, kw_only=True)
class Winner:
    """The best within some limits."""

    limits: Limits
    candidate: Candidate
    search: Evaluation
    """The score that chose it."""
    report: Evaluation | None
    """Its score on images that chose nothing; None before it is measured."""


def winners(archive: Archive, sweep: Sweep) -> list[Winner]:
    """One for each limit within which something is scored, the narrowest first; that of the whole search is the last.

    Several limits may have the same winner.
    """
    found: list[Winner] = []
    for limits in sweep.each:
        if best := archive.best(limits.maxima):
            candidate, search = best
            report = archive.find_evaluation(search.architecture, search.protocol, "report")
            found.append(Winner(limits=limits, candidate=candidate, search=search, report=report))
    return found


def without_winner(sweep: Sweep, found: Sequence[Winner]) -> list[Limits]:
    """The limits within which nothing is scored."""
    kept = [winner.limits for winner in found]
    return [limits for limits in sweep.each if limits not in kept]
