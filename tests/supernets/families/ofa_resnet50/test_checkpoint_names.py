from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch

from supernets.families.ofa_resnet50.checkpoint_names import translate
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet
from supernets.network.checkpoint_file import CheckpointError
from tests.supernets.families import golden
from tests.supernets.families.golden import load_released
from tests.supernets.families.ofa_resnet50.golden import NAME


def _plain(key: str) -> str:
    """A spelling without the doubled wrappers of elastic layers."""
    key = key.replace(".bn.bn.", ".bn.").replace(".linear.linear.", ".linear.")
    return re.sub(r"\.conv\.conv\.weight$", ".conv.weight", key)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as listed": lambda key: key,
    "data parallel": lambda key: f"module.{key}",
    "no doubled wrappers": _plain,
    "both": lambda key: f"module.{_plain(key)}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_released_names_has_its_place(spelling: str) -> None:
    released = [key for key, _, _ in golden.read(NAME, "manifest")["entries"]]
    ours = golden.network(NAME, torch.float32).state_dict()
    assert sorted(translate(SPELLINGS[spelling](key)) for key in released) == sorted(ours)
    assert sorted(map(translate, ours)) == sorted(ours)


def test_the_released_shapes_and_values_are_taken_whole() -> None:
    ours = golden.network(NAME, torch.float32).state_dict()
    for key, tensor in golden.released_state(NAME).items():
        assert torch.equal(ours[translate(key)], tensor)


def test_a_network_of_another_size_refuses_them_and_stays_as_it_is() -> None:
    net = build_supernet(NAME, Scale(width=0.25))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(CheckpointError, match="mis-shaped"):
        load_released(net, golden.released_state(NAME))
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
