from __future__ import annotations

import torch

from supernets.families.autoformer.cost import (
    count,
    embedding_operators,
    head_operators,
    layer_operators,
    layer_params_m,
)
from supernets.families.autoformer.layout import Geometry, hidden_width
from supernets.families.autoformer.model import Embedding, Head, Layer
from supernets.families.registry import get_space
from supernets.space.cost import totals


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_operators_have_the_parameters_of_the_modules() -> None:
    with torch.device("meta"):
        embedding, head = Embedding(192, Geometry()), Head(192, 1000)
        layer = Layer(192, 3, hidden_width(192, 3.5), Geometry())
    assert totals(embedding_operators(192))[1] == parameters(embedding)
    assert totals(head_operators(192))[1] == parameters(head)
    assert totals(layer_operators(192, 3, 3.5))[1] == parameters(layer)
    assert layer_params_m(192, 3, 3.5) == parameters(layer) / 1e6


def test_a_cost_is_the_sum_of_its_operators() -> None:
    a = get_space("autoformer").smallest()
    layers = [op for _ in range(a["depth"]) for op in layer_operators(192, 3, 3.5)]
    cost = count(a)
    assert (cost.macs, cost.params) == totals([*embedding_operators(192), *layers, *head_operators(192)])


def test_a_head_more_costs_more_and_the_published_count_differs() -> None:
    space = get_space("autoformer")
    low, high = count(space.smallest()), count(space.largest())
    assert low.macs < high.macs
    assert low.memory_mb is not None
    assert high.memory_mb is not None
    assert low.memory_mb < high.memory_mb
    assert low.paper_macs_m != low.macs_m
