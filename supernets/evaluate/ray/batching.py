"""Divides candidates among workers: chunks of candidates with common beginnings, and equal work for every worker.

Notable: work is counted in MACs, not in candidates: sub-networks with a common beginning read images of one size, so
that equal numbers of candidates would be unequal work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from supernets.evaluate.evaluator import GROUP
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


def chunks(archs: Sequence[Architecture], space: SearchSpace, workers: int) -> list[list[Architecture]]:
    """`archs` in chunks of about equal MACs and at most about `GROUP` candidates, equally many for each worker.

    Chunks are in the order of their first requested candidate.
    """
    rank = {a: i for i, a in enumerate(archs)}
    work = {a: space.cost(a).macs_m for a in archs}
    count = workers * math.ceil(len(rank) / (workers * GROUP))
    found: dict[int, list[Architecture]] = {}
    done, total = 0.0, sum(work.values())
    for a in sorted(rank, key=lambda a: _path(space, a)):
        middle = done + work[a] / 2
        found.setdefault(int(count * middle / total), []).append(a)
        done += work[a]
    return sorted(found.values(), key=lambda chunk: min(rank[a] for a in chunk))


def _path(space: SearchSpace, a: Architecture) -> list[tuple[int, str, int, int]]:
    """A sort key of operators in order, so that sub-networks with long common beginnings are close to each other."""
    operators = space.graph(a).nodes.values()
    return [(each["side"], each["operator"], each["kernel"], each["channels"]) for each in operators]
