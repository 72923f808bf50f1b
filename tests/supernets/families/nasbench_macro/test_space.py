from __future__ import annotations

from typing import ClassVar

import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.registry import get_space
from supernets.space.disguise import DisguisedSpace


class TestNASBenchMacro(SpaceConformance):
    name = "nasbench-macro"
    broken: ClassVar[Broken] = [
        ({"layers": [0] * 7 + [3]}, "layers[7]: expected one of 0, 1, 2; got 3"),
        ({"depth": 8}, "unknown keys depth"),
        ({"layers": [0] * 9}, "layers: expected 8 entries, got 9"),
    ]


@pytest.mark.parametrize(
    ("digits", "macs", "params"),
    [("02012100", 47_327_744, 890_666), ("11111221", 65_012_224, 2_181_386), ("00011110", 31_390_208, 1_118_378)],
)
def test_costs_are_those_of_the_benchmark(digits: str, macs: int, params: int) -> None:
    space = get_space("nasbench-macro")
    cost = space.cost(space.parse({"layers": [int(digit) for digit in digits]}))
    assert (cost.macs, cost.params) == (macs, params)


def test_blocks_of_a_stage_in_their_order_are_the_same_network_wherever_its_empty_layers_are() -> None:
    space = get_space("nasbench-macro")
    twins = space.twins(space.parse({"layers": [0, 0, 2, 1, 0, 2, 1, 2]}))
    assert [twin["layers"] for twin in twins] == [(0, 0, 2, 0, 1, 2, 1, 2)]
    # The first layer of a stage is a convolution even if it has no block, and the order of blocks matters.
    assert space.twins(space.parse({"layers": [0, 1, 0, 1, 2, 1, 2, 1]})) == []


def test_twins_have_neutral_names_in_a_disguised_space() -> None:
    space = DisguisedSpace(get_space("nasbench-macro"), 5)
    a = space.parse(space.to_disguised({"layers": [0, 0, 2, 1, 0, 2, 0, 0]}))
    (twin,) = space.twins(a)
    assert space.from_disguised(twin.to_dict()) == {"layers": [0, 0, 2, 0, 1, 2, 0, 0]}
