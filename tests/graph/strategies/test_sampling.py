"""Rejection sampling ends, with new architectures within the limits or with the closest miss."""

from __future__ import annotations

import random
from dataclasses import replace

from graph.context import RunContext
from graph.limits import Limits, Sweep
from graph.strategies.sampling import TRIES, draw_new, within_limits
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE


def test_only_new_architectures_within_the_limits_are_drawn(context: RunContext) -> None:
    rng = random.Random(0)
    first = draw_new(context, lambda: SPACE.sample(rng), 5)
    assert len(set(first)) == 5
    assert all(within_limits(context, a) for a in first)
    rng = random.Random(0)
    assert not set(draw_new(context, lambda: SPACE.sample(rng), 5, first)) & set(first)


def test_where_nothing_keeps_the_limits_the_closest_miss_is_drawn(context: RunContext) -> None:
    tight = replace(context, sweep=Sweep((Limits({"macs_m": 1.0}),)))
    drawn: list[Architecture] = []
    rng = random.Random(0)

    def draw() -> Architecture:
        drawn.append(SPACE.sample(rng))
        return drawn[-1]

    (closest,) = draw_new(tight, draw, 3)
    assert closest == min(drawn, key=lambda a: SPACE.cost(a).macs)
    assert len(drawn) == TRIES


def test_nothing_new_is_nothing(context: RunContext) -> None:
    assert draw_new(context, SPACE.smallest, 3, [SPACE.smallest()]) == []


def test_a_twin_of_what_was_drawn_is_not_new(context: RunContext) -> None:
    space = get_space("nasbench-macro")
    context.archive.merge_twins()
    context = replace(context, space=space, sweep=Sweep((Limits({}),)))
    first, second = (space.parse({"layers": [0, 0, *layers, 0, 0, 0]}) for layers in ((1, 2, 0), (1, 0, 2)))
    draws = iter([first, second] * TRIES)
    assert draw_new(context, lambda: next(draws), 2) == [first]
