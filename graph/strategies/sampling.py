"""Draws new architectures within the limits, by rejection sampling.

Notable: the number of tries is bounded. If no draw keeps the limits, the closest miss is returned, so that the run ends
and its diagnosis has a figure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from graph.context import RunContext
from supernets.space.architecture import Architecture

TRIES = 5000
"""Most architectures drawn: about half a second."""


def within_limits(context: RunContext, a: Architecture) -> bool:
    return context.limits.excess(context.space.cost(a)) is None


def draw_new(
    context: RunContext, draw: Callable[[], Architecture], count: int, tried: Collection[Architecture] = ()
) -> list[Architecture]:
    """At most `count` different architectures from `draw` that keep the round's limits and are not in `tried`."""
    found: list[Architecture] = []
    known, limits = set(tried), context.limits
    closest, closest_share = None, float("inf")
    for _ in range(TRIES):
        if len(found) == count:
            break
        a = draw()
        if a in known:
            continue
        excess = limits.excess(context.space.cost(a))
        if excess is None:
            found.append(a)
            known.update((a, *context.twins(a)))
        elif excess.share < closest_share:
            closest, closest_share = a, excess.share
    return found or ([closest] if closest else [])
