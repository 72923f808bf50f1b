"""Which candidates are scored together by one worker: those that begin alike, and as much work for every worker.

Notable: work is counted in MACs, not in candidates; sub-networks that begin alike read images of one size, and so equal
numbers of them would be unequal work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from supernets.evaluate.evaluator import GROUP
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


def chunks(archs: Sequence[Architecture], space: SearchSpace, workers: int) -> list[list[Architecture]]:
    """`archs` in chunks of about equal MACs, as many for each worker, none larger than about `GROUP`.

    The chunk with the candidate that was asked for first comes first, and so on.
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
    """What `a` does to an image, operator by operator: the longer two paths are equal, the closer they are in order."""
    operators = space.graph(a).nodes.values()
    return [(each["side"], each["operator"], each["kernel"], each["channels"]) for each in operators]
