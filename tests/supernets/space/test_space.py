"""What follows from dimensions alone, on a small space that is enumerated; families have the conformance suite."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.space.architecture import Architecture, Dimension, InvalidArchitecture
from supernets.space.cost import Cost, Latency
from supernets.space.space import SearchSpace


class ToySpace(SearchSpace):
    """A width, a depth of 1 to 3, and a kernel for each of three blocks."""

    def __init__(self) -> None:
        dimensions = [
            Dimension(gene="w", index=None, choices=(8, 16), group="w", meaning="width"),
            Dimension(gene="d", index=0, choices=(1, 2, 3), group="d", meaning="depth"),
        ]
        for i in range(3):
            gate = ("d[0]", i + 1) if i else None
            dimensions.append(Dimension(gene="k", index=i, choices=(3, 5), group="k", meaning="kernel", acts_from=gate))
        super().__init__("toy", dimensions)

    def resolution(self, a: Architecture) -> int:
        return 32

    def count(self, a: Architecture) -> Cost:
        kernels = sum(kernel**2 for kernel in a["k"][: a["d"][0]])
        return Cost(macs=a["w"] * kernels * 1_000_000, params=a["w"] * kernels)

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        return nx.DiGraph()

    def describe(self) -> str:
        return json.dumps(self.genotype(self._example()))


SPACE = ToySpace()
seeds = st.integers(0, 10**6).map(random.Random)


def everything() -> Iterator[Architecture]:
    for w, d, *k in product((8, 16), (1, 2, 3), *[(3, 5)] * 3):
        yield SPACE.parse({"w": w, "d": [d], "k": k})


def test_the_size_is_the_number_of_different_architectures() -> None:
    assert SPACE.size() == len(set(everything())) == 2 * (2 + 4 + 8)


def test_genes_that_do_not_act_make_no_difference() -> None:
    a = SPACE.parse({"w": 8, "d": [1], "k": [5, 5, 3]})
    assert a == SPACE.parse({"w": 8, "d": [1], "k": [5, 3, 5]})
    assert a["k"] == (5, 3, 3)
    assert SPACE.active(a) == {"w", "d[0]", "k[0]"}


def test_bounds_and_extremes_are_those_of_all_members() -> None:
    low, high = SPACE.bounds()
    costs = [SPACE.cost(a).macs for a in everything()]
    assert (low.macs, high.macs) == (min(costs), max(costs))
    assert SPACE.cost(SPACE.smallest()).macs == min(costs)
    assert SPACE.cost(SPACE.largest()).macs == max(costs)


@given(seeds)
def test_every_operation_gives_canonical_members(rng: random.Random) -> None:
    members = set(everything())
    a, b = SPACE.sample(rng), SPACE.sample(rng)
    assert {a, b, SPACE.mutate(a, rng, 0.5), SPACE.crossover(a, b, rng), SPACE.change_one(a, rng)} <= members
    assert set(SPACE.neighbours(a)) <= members - {a}
    assert SPACE.change_one(a, rng) != a
    assert SPACE.mutate(a, rng, 0.0) == a == SPACE.crossover(a, a, rng)


def test_neighbours_differ_in_one_acting_gene() -> None:
    a = SPACE.parse({"w": 8, "d": [2], "k": [3, 5, 3]})
    assert len(SPACE.neighbours(a)) == 1 + 2 + 2
    assert SPACE.from_choices({"w": 8, "d[0]": 2, "k[0]": 3, "k[1]": 5, "k[2]": 5}) == a


def test_crossover_takes_a_gene_from_a_parent_in_which_it_acts() -> None:
    shallow, deep = SPACE.smallest(), SPACE.largest()
    for seed in range(20):
        child = SPACE.crossover(shallow, deep, random.Random(seed))
        if child["d"][0] == 3:
            assert child["k"][2] == 5


def test_numbers_may_be_quoted_and_single_values_in_lists() -> None:
    assert SPACE.parse({"w": "16", "d": ["3"], "k": ["5", 3.0, 5]}) == SPACE.parse(
        {"w": [16], "d": [3], "k": [5, 3, 5]}
    )


@pytest.mark.parametrize(
    ("genotype", "problems"),
    [
        ({"w": 9, "d": [4], "k": [3, 3]}, 3),
        ({"w": 8, "d": [1], "k": [3, 3, 3], "x": 1}, 1),
        ({}, 3),
        ([], 1),
        ({"w": [8, 8], "d": 1, "k": "353"}, 3),
    ],
)
def test_every_problem_of_a_genotype_is_named(genotype: Any, problems: int) -> None:
    with pytest.raises(InvalidArchitecture) as caught:
        SPACE.parse(genotype)
    assert len(caught.value.problems) == problems


def test_a_latency_model_adds_a_cost_and_leaves_the_space_alone() -> None:
    latency = Latency(device="abacus", of=lambda a: float(a["w"]), minimum=8, maximum=16, note="Counted.")
    timed = SPACE.with_latency(latency)
    assert timed.cost(SPACE.largest()).latency_ms == 16
    assert [cost.latency_ms for cost in timed.bounds()] == [8, 16]
    assert SPACE.cost(SPACE.largest()).latency_ms is None


def test_the_example_of_a_description_is_a_member() -> None:
    assert SPACE.parse(json.loads(SPACE.describe())) in set(everything())
