from __future__ import annotations

import gc
import random
import weakref

import pytest
import torch
from torch import Tensor, nn

from supernets.evaluate.prefix_tree import PrefixTree
from supernets.network.supernet import Step
from tests.supernets.evaluate.toy import SCALES, generation, network


class Adder(nn.Module):
    """Adds a number."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


def step(key: int) -> Step:
    with torch.device("meta"):
        template = Adder()
    return Step(key, template, {"weight": torch.tensor([float(key)])})


@pytest.mark.parametrize("name", SCALES)
def test_a_walk_gives_the_outputs_of_every_sub_network(name: str) -> None:
    net = network(name)
    rng = random.Random(0)
    archs = generation(net, 6)
    side = net.space.resolution(archs[0]) // SCALES[name].divisor
    archs = [a for a in archs if net.space.resolution(a) == net.space.resolution(archs[0])]
    archs.append(rng.choice(archs))
    x = torch.randn(2, 3, side, side)
    seen: dict[int, Tensor] = {}
    with torch.no_grad():
        for indices, logits in PrefixTree([net.path(a) for a in archs]).walk(x):
            seen |= dict.fromkeys(indices, logits)
        for index, a in enumerate(archs):
            assert torch.equal(seen[index], net(x, a))


def test_equal_beginnings_are_computed_once() -> None:
    tree = PrefixTree([[step(1), step(2), step(3)], [step(1), step(2), step(4)], [step(1), step(5), step(3)]])
    assert len(tree.modules()) == 6
    with torch.inference_mode():
        outputs = {tuple(indices): float(y) for indices, y in tree.walk(torch.zeros(1))}
    assert outputs == {(0,): 6, (1,): 7, (2,): 9}


def test_a_tree_without_some_paths_computes_what_the_others_need() -> None:
    whole = PrefixTree(
        [[step(1), step(2), step(3)], [step(1), step(2), step(4)], [step(1), step(5)], [step(1), step(5)]]
    )
    fewer = whole.without({0, 2})
    with torch.inference_mode():
        assert {tuple(indices): float(y) for indices, y in fewer.walk(torch.zeros(1))} == {(1,): 7, (3,): 6}
    assert len(fewer.modules()) == 4
    assert len(whole.modules()) == 5
    assert {id(module) for module in fewer.modules()} < {id(module) for module in whole.modules()}


def test_no_more_activations_wait_than_the_path_has_branchings() -> None:
    paths = [[step(i) for i in (*range(1, 8), last)] for last in (10, 11)]
    tree = PrefixTree(paths)
    alive: list[weakref.ref[Tensor]] = []
    most = 0
    for module in tree.modules():
        module.register_forward_hook(lambda _, __, y: alive.append(weakref.ref(y)))
    for _ in tree.walk(torch.zeros(1)):
        gc.collect()
        most = max(most, sum(ref() is not None for ref in alive))
    # The one that both ends read, and the output just given.
    assert most <= 2
