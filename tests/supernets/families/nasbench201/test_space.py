from __future__ import annotations

from typing import ClassVar

import networkx as nx
import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.registry import get_space
from supernets.space.architecture import InvalidArchitecture

BEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"


class TestNASBench201(SpaceConformance):
    name = "nasbench201"
    broken: ClassVar[Broken] = [
        ({"cell": ["3x3"] * 5 + ["5x5"]}, "cell[5]: expected one of none, skip, 1x1, 3x3, pool; got '5x5'"),
        ({"width": 16}, "unknown keys width"),
        ({"cell": ["3x3"] * 7}, "cell: expected 6 entries, got 7"),
        ({"cell": BEST.replace("skip_connect", "max_pool")}, "avg_pool_3x3; got max_pool~0"),
        ({"cell": "|none~0|"}, "cell: expected |op~0|+|op~0|op~1|+|op~0|op~1|op~2|"),
        ({"cell": ...}, "cell: expected a list of 6 choices; got nothing"),
    ]


def test_the_benchmarks_own_string_is_read_and_written() -> None:
    space = get_space("nasbench201")
    a = space.parse(BEST)  # type: ignore[arg-type]
    assert a.to_dict() == {"cell": ["3x3", "3x3", "3x3", "skip", "3x3", "1x1"]}
    assert space.genotype(a) == {"cell": BEST}
    for text in ("", BEST.replace("~1|+", "~2|+"), f"{BEST}+|none~0|"):
        with pytest.raises(InvalidArchitecture):
            space.parse({"cell": text})


@pytest.mark.parametrize(
    ("dataset", "macs_m", "params_m"),
    [("cifar10", 153.27297, 1.073466), ("cifar100", 153.27882, 1.079316), ("imagenet16-120", 38.32596, 1.080616)],
)
def test_costs_are_those_that_the_benchmark_recorded(dataset: str, macs_m: float, params_m: float) -> None:
    space = get_space("nasbench201", dataset)
    cost = space.cost(space.parse({"cell": BEST}))
    assert cost.params_m == params_m
    # The benchmark counts the bias of the last layer, too.
    assert cost.macs_m == pytest.approx(macs_m, abs=0.0002)
    assert cost.paper_macs_m == cost.macs_m


def test_what_lies_on_no_way_through_the_cell_is_neither_counted_nor_drawn() -> None:
    space = get_space("nasbench201")
    # Nothing reaches node 1, so its two convolutions see zeros; node 2 leads nowhere.
    a = space.parse({"cell": ["none", "3x3", "3x3", "1x1", "3x3", "none"]})
    graph: nx.DiGraph[int] = space.graph(a).graph["cell"]
    assert list(graph.edges(data="label")) == [(0, 3, "1x1")]
    only = space.parse({"cell": ["none", "none", "none", "1x1", "none", "none"]})
    assert space.cost(a).macs == space.cost(only).macs
    assert space.cost(a).paper_macs_m > space.cost(only).paper_macs_m  # type: ignore[operator]
    assert a != only
