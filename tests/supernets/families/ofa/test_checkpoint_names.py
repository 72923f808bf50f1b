from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch

from supernets.families.registry import build_supernet
from supernets.network.checkpoint_file import CheckpointError
from tests.supernets.families import golden
from tests.supernets.families.golden import load_released
from tests.supernets.families.ofa.golden import NAMES


def _plain(key: str) -> str:
    """A spelling without the doubled wrappers of elastic layers."""
    key = key.replace(".bn.bn.", ".bn.").replace(".linear.linear.", ".linear.")
    return re.sub(r"\.conv\.conv\.weight$", ".conv.weight", key)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as listed": lambda key: key,
    "mobile_inverted_conv": lambda key: re.sub(r"^(blocks\.\d+)\.conv\.", r"\1.mobile_inverted_conv.", key),
    "data parallel": lambda key: f"module.{key}",
    "no doubled wrappers": _plain,
    "doubled classifier": lambda key: key.replace("classifier.linear.", "classifier.linear.linear."),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_released_names_loads(spelling: str) -> None:
    rename = SPELLINGS[spelling]
    net = build_supernet("ofa-w1.0")
    load_released(net, {rename(key): tensor for key, tensor in golden.released_state("ofa-w1.0").items()})
    reference = golden.network("ofa-w1.0", torch.float32).state_dict()
    assert all(torch.equal(tensor, reference[name]) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("name", NAMES)
def test_every_released_tensor_has_a_place_and_every_place_a_tensor(name: str) -> None:
    net = build_supernet(name)
    load_released(net, golden.released_state(name))
    assert len(net.state_dict()) == len(golden.released_state(name))


def test_our_own_names_load_too() -> None:
    net = build_supernet("ofa-w1.0")
    load_released(net, golden.network("ofa-w1.0", torch.float32).state_dict())


def test_a_checkpoint_of_another_family_is_refused_whole() -> None:
    net = build_supernet("ofa")
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_released(net, golden.released_state("ofa-proxyless"))
    message = str(caught.value)
    assert "missing" in message
    assert "unexpected" in message
    assert "mis-shaped" in message
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_missing_unexpected_and_mis_shaped_names_are_reported_at_once() -> None:
    state = dict(golden.released_state("ofa"))
    del state["classifier.linear.bias"]
    state["blocks.3.conv.extra.weight"] = torch.zeros(2)
    state["first_conv.conv.weight"] = torch.zeros(24, 3, 5, 5)
    with pytest.raises(CheckpointError) as caught:
        load_released(build_supernet("ofa"), state)
    message = str(caught.value)
    assert "1 missing: head.classifier.bias" in message
    assert "1 unexpected: blocks.3.conv.extra.weight" in message
    assert "first_conv.conv.weight is (24, 3, 5, 5), expected (24, 3, 3, 3)" in message
