from __future__ import annotations

from itertools import pairwise, product

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.families.nasbench201.layout import (
    DATASETS,
    EDGES,
    OPERATIONS,
    OUTPUT,
    head,
    live_edges,
    operation,
    reduction,
    stem,
)
from supernets.space.cost import totals

cells = st.tuples(*[st.sampled_from(tuple(OPERATIONS))] * len(EDGES))


@given(cells)
def test_live_edges_are_those_on_a_path_from_input_to_output(cell: tuple[str, ...]) -> None:
    graph = nx.DiGraph([edge for edge, word in zip(EDGES, cell, strict=True) if word != "none"])
    graph.add_nodes_from((0, OUTPUT))
    paths = nx.all_simple_paths(graph, 0, OUTPUT)
    on_paths = {edge for path in paths for edge in pairwise(path)}
    assert {EDGES[i] for i in live_edges(cell)} == on_paths


@pytest.mark.parametrize(("word", "channels"), product(("none", "skip", "pool"), (16, 64)))
def test_operations_without_weights_cost_nothing(word: str, channels: int) -> None:
    assert totals([operation(word, channels, 32)]) == (0, 0)


def test_convolutions_have_batch_norm() -> None:
    assert totals([operation("3x3", 16, 32)]) == (9 * 16 * 16 * 32 * 32, 9 * 16 * 16 + 2 * 16)
    assert totals([operation("1x1", 16, 32)]) == (16 * 16 * 32 * 32, 16 * 16 + 2 * 16)


def test_the_skeleton_has_the_benchmarks_parameters() -> None:
    operators = [*stem(32), *reduction(16, 32, 16), *reduction(32, 64, 8), *head(DATASETS["cifar10"].classes)]
    assert totals(operators)[1] == 73_306
