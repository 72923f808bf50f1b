from __future__ import annotations

from typing import ClassVar

import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.registry import get_space

PAPER = {"blocks": [0, 0, 3, 3, 3, 2, 1, 3, 3, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3]}


class TestSPOS(SpaceConformance):
    name = "spos"
    broken: ClassVar[Broken] = [
        ({"blocks": [0] * 19 + [4]}, "blocks[19]: expected one of 0, 1, 2, 3; got 4"),
        ({"width": 1.0}, "unknown keys width"),
        ({"blocks": [0] * 21}, "blocks: expected 20 entries, got 21"),
        ({"blocks": "0123"}, "blocks: expected a list of 20 choices; got '0123'"),
        ({"blocks": ...}, "blocks: expected a list of 20 choices; got nothing"),
    ]


def test_the_published_costs() -> None:
    cost = get_space("spos").cost(get_space("spos").parse(PAPER))
    assert cost.macs_m == pytest.approx(324.96, abs=0.005)
    assert cost.params_m == pytest.approx(3.75, abs=0.005)


def test_the_cheapest_unit_has_not_the_fewest_parameters() -> None:
    space = get_space("spos")
    low, _ = space.bounds()
    assert space.cost(space.smallest()).params > low.params


def test_the_size_counts_different_networks() -> None:
    assert get_space("spos").size() == 4**20
