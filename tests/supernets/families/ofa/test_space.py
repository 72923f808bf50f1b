from __future__ import annotations

from typing import ClassVar

import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.registry import get_space

PAPER_SMALL = {
    "r": 208,
    "d": [3, 3, 4, 3, 3],
    "ks": [5] * 14 + [3, 7, 3, 3, 3, 3],
    "e": [3] * 8 + [4] * 8 + [6, 6, 6, 3],
}


class TestOFA(SpaceConformance):
    name = "ofa"
    broken: ClassVar[Broken] = [
        ({"r": 200}, "r: expected one of 160, 176, 192, 208, 224; got 200"),
        ({"d": [2, 3, 4]}, "d: expected 5 entries, got 3"),
        ({"ks": [7] * 19 + [9]}, "ks[19]: expected one of 3, 5, 7; got 9"),
        ({"e": "666"}, "e: expected a list of 20 choices; got '666'"),
        ({"e": ...}, "e: expected a list of 20 choices; got nothing"),
        ({"width": 1.2}, "unknown keys width"),
        ({"ks": [7] * 19 + ["x"]}, "ks[19]: expected one of 3, 5, 7; got 'x'"),
        ({"d": [2, 2, 2, 2, True]}, "d[4]: expected one of 2, 3, 4; got True"),
    ]


class TestOFAWidth1(SpaceConformance):
    name = "ofa-w1.0"
    broken: ClassVar[Broken] = TestOFA.broken


class TestOFAProxyless(SpaceConformance):
    name = "ofa-proxyless"
    broken: ClassVar[Broken] = [
        ({"r": 0}, "r: expected"),
        ({"d": [2, 2, 2, 2, 2, 2]}, "d[5]: expected one of 1; got 2"),
        ({"ks": [7] * 20}, "ks: expected 21 entries, got 20"),
    ]


def test_the_published_costs() -> None:
    cost = get_space("ofa").cost(get_space("ofa").parse(PAPER_SMALL))
    assert cost.paper_macs_m == pytest.approx(320, abs=0.5)
    assert cost.macs_m == pytest.approx(337.76, abs=0.005)


def test_the_size_counts_different_networks() -> None:
    per_stage = 9**2 + 9**3 + 9**4
    assert get_space("ofa").size() == 5 * per_stage**5
