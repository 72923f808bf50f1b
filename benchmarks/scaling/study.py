"""The two cases of `docs/scaling.md`: one search of 10,000 candidates on many GPUs, and many users on 64."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace

from benchmarks.scaling.assumed import CALL, CANDIDATE, times
from benchmarks.scaling.model import Outcome, Plan, Site, simulate

CANDIDATES, GPUS = 10_000, (1, 2, 4, 8, 16, 32, 64)
"""Of one large search."""
USERS, EVALUATIONS, WORKERS = (1, 10, 20, 40, 60, 80, 100), 250, 2
"""Each user's search is as large as the paper's, and has a worker for each chunk of a round of 16."""
ARRIVALS = 600.0
"""Seconds in which all users begin, evenly."""

LARGE = Plan(CANDIDATES, per_round=256)
WAYS = {
    "rounds of 16, as it is": Plan(CANDIDATES),
    "rounds of 64": replace(LARGE, per_round=64),
    "rounds of 256": LARGE,
    "256, answers of 16 side by side": replace(LARGE, per_answer=16),
    "the same, models a round ahead": replace(LARGE, per_answer=16, ahead=True),
}
"""The first is the program as it is."""


@dataclass(frozen=True)
class Large:
    """One search: hours, the percentage of GPU seconds in which something was scored, and how the time was spent."""

    hours: float
    utilisation: float
    outcome: Outcome


def one_search(plan: Plan, gpus: int, call: float = CALL, candidate: float = CANDIDATE) -> Large:
    plan = replace(plan, workers=gpus)
    (outcome,) = simulate([(0.0, plan)], times(call, candidate, gpus), Site(gpus))
    return Large(outcome.wall / 3600, 100 * outcome.busy / (gpus * outcome.wall), outcome)


@dataclass(frozen=True)
class Crowd:
    """Many users: minutes from a command to its last score, the GPU seconds used and what the wait was for, in %."""

    minutes: float
    """Mean."""
    slowest: float
    utilisation: float
    queued: float
    models: float
    scoring: float
    recording: float

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.3g}" for name, value in vars(self).items())


def users(count: int, site: Site, workers: int = WORKERS, call: float = CALL, candidate: float = CANDIDATE) -> Crowd:
    plan = Plan(EVALUATIONS, workers=workers)
    searches = [(ARRIVALS * i / count, plan) for i in range(count)]
    seconds = times(call, candidate, workers)
    outcomes = simulate(searches, seconds, site)
    end = max(begun + outcome.wall for (begun, _), outcome in zip(searches, outcomes, strict=True))
    wall = math.fsum(outcome.wall for outcome in outcomes)
    shares = {
        name: 100 * math.fsum(getattr(outcome, name) for outcome in outcomes) / wall
        for name in ("queued", "models", "scoring", "recording")
    }
    walls = [outcome.wall / 60 for outcome in outcomes]
    busy = math.fsum(outcome.busy for outcome in outcomes)
    return Crowd(statistics.mean(walls), max(walls), 100 * busy / (site.gpus * end), **shares)
