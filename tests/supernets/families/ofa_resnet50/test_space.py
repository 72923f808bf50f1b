from __future__ import annotations

import random
from typing import Any, ClassVar

import networkx as nx
import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.ofa_resnet50.space import ResNet50Space
from supernets.families.registry import get_space
from supernets.space.architecture import Choice, InvalidArchitecture

NAME = "ofa-resnet50"
LARGEST: dict[str, Any] = {"r": 224, "d": [2] * 5, "e": [0.35] * 18, "w": [2] * 6}


class TestOFAResNet50(SpaceConformance):
    name = NAME
    broken: ClassVar[Broken] = [
        ({"r": 200}, "r: expected one of 128, 144, 160, 176, 192, 208, 224; got 200"),
        ({"d": [2, 2, 2, 2]}, "d: expected 5 entries, got 4"),
        ({"d": [3, 2, 2, 2, 2]}, "d[0]: expected one of 0, 2; got 3"),
        ({"e": [0.35] * 17 + [0.3]}, "e[17]: expected one of 0.2, 0.25, 0.35; got 0.3"),
        ({"e": ...}, "e: expected a list of 18"),
        ({"w": [2, 2, 2, 2, 2, True]}, "w[5]: expected one of 0, 1, 2; got True"),
        ({"w": "222222"}, "w: expected a list of 6"),
        ({"ks": [3] * 18}, "unknown keys ks"),
    ]
    read_as_least: ClassVar[dict[str, Choice]] = {"d": 1, "w": 1}


@pytest.mark.parametrize("gene", ["d", "w"])
def test_genotypes_of_the_same_stem_are_one_architecture(gene: str) -> None:
    space, rest = get_space(NAME), LARGEST[gene][1:]
    zero, one = (space.parse({**LARGEST, gene: [first, *rest]}) for first in (0, 1))
    assert zero == one != space.largest()


@pytest.mark.parametrize("gene", ["d", "w"])
def test_true_is_not_a_spelling_of_one(gene: str) -> None:
    with pytest.raises(InvalidArchitecture, match=r"\[0\]: expected one of 0, 2; got True"):
        get_space(NAME).parse({**LARGEST, gene: [True, *LARGEST[gene][1:]]})


def test_the_resolution_may_come_as_a_list_of_one() -> None:
    space = get_space(NAME)
    assert space.parse({**LARGEST, "r": [224]}) == space.parse(LARGEST)


def test_the_graph_goes_around_every_block() -> None:
    space = get_space(NAME)
    assert isinstance(space, ResNet50Space)
    a = space.sample(random.Random(0))
    graph, blocks = space.graph(a), space.layout.blocks(a)
    assert nx.is_directed_acyclic_graph(graph)
    assert [node for node, degree in graph.in_degree() if degree == 0] == [0]
    assert [node for node, degree in graph.out_degree() if degree == 0] == [len(graph) - 1]
    sums = [node for node, attributes in graph.nodes(data=True) if attributes["operator"] == "add"]
    assert len(sums) == len(blocks) + (a["d"][0] == 2)
    assert all(graph.in_degree(node) == 2 for node in sums)
    projections = [node for _, node in graph.nodes(data=True) if node["operator"] == "project"]
    assert len(projections) == len(space.layout.stages)
    labels = {node["block"]: node["label"] for _, node in graph.nodes(data=True)}
    assert labels == {0: "", **{shape.index + 1: f"e{a['e'][shape.index]}" for shape in blocks}}


def test_the_size_counts_different_networks() -> None:
    per_stage = [9 + 27 + 81, 9 + 27 + 81, 81 + 243 + 729, 9 + 27 + 81]
    size = 7 * 2 * 2 * 3**5
    for choices in per_stage:
        size *= choices
    assert get_space(NAME).size() == size
