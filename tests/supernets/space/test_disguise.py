from __future__ import annotations

import random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collm_nas.testing import Broken, SpaceConformance, seeds
from supernets.families.registry import get_space, space_names
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace


class TestDisguisedOFA(SpaceConformance):
    """Of the spaces, the one with genes that do not always act."""

    name = "ofa"
    broken: ClassVar[Broken] = [
        ({"x": [0] * 45}, "x: expected 46 entries, got 45"),
        ({"ks": [3] * 20}, "unknown keys ks"),
        ({"x": [9] * 46}, "x[0]: expected one of 0, 1, 2; got 9"),
    ]

    @property
    def space(self) -> SearchSpace:
        return DisguisedSpace(get_space(self.name), 7)


@given(st.sampled_from(space_names()), seeds)
def test_what_was_disguised_and_revealed_is_as_it_was(name: str, seed: int) -> None:
    space = get_space(name)
    told = DisguisedSpace(space, seed)
    a = space.sample(random.Random(seed))
    hidden = told.to_disguised(a.to_dict())
    assert told.from_disguised(hidden) == a.to_dict()
    # What agents send back was canonical in their own terms.
    sent = told.parse(hidden).to_dict()
    assert space.parse(told.from_disguised(sent)) == a
    assert told.cost(told.parse(hidden)) == space.cost(a)
    assert told.active(told.parse(hidden)) == {f"x[{told_at(told, label)}]" for label in space.active(a)}


def told_at(told: DisguisedSpace, label: str) -> int:
    return [dimension.label for dimension in told._hidden].index(label)


@pytest.mark.parametrize("name", space_names())
def test_the_seed_decides_order_and_labels(name: str) -> None:
    genes: dict[str, Any] = get_space(name).sample(random.Random(1)).to_dict()
    first, same, other = (DisguisedSpace(get_space(name), seed) for seed in (1, 1, 2))
    assert first.describe() == same.describe()
    assert first.to_disguised(genes) == same.to_disguised(genes) != other.to_disguised(genes)
