"""Draws new architectures within the limits, by rejection.

Notable: rejection is bounded. Where nothing keeps the limits the closest miss is returned instead, so that a run ends
with a figure and not in a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from graph.context import RunContext
from graph.limits import costs_of
from supernets.space.architecture import Architecture

TRIES = 5000
"""Architectures drawn at most: about half a second."""


def within_limits(context: RunContext, a: Architecture) -> bool:
    return context.limits.excess(costs_of(context.space.cost(a))) is None


def draw_new(
    context: RunContext, draw: Callable[[], Architecture], count: int, tried: Collection[str] = ()
) -> list[Architecture]:
    """At most `count` different architectures from `draw` that keep the limits and whose ids are not in `tried`."""
    found: dict[str, Architecture] = {}
    closest, closest_share = None, float("inf")
    for _ in range(TRIES):
        if len(found) == count:
            break
        a = draw()
        if a.id in found or a.id in tried:
            continue
        excess = context.limits.excess(costs_of(context.space.cost(a)))
        if excess is None:
            found[a.id] = a
        elif excess.share < closest_share:
            closest, closest_share = a, excess.share
    return list(found.values()) or ([closest] if closest else [])
