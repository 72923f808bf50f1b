"""Presets that search the supernet of another name."""

from __future__ import annotations

import math
import random

import pytest
import torch

from common.errors import UserError
from supernets.families.registry import build_supernet, get_family, get_space, space_names, supernet_names
from supernets.network.checkpoint_file import CheckpointError
from tests.supernets.families.golden import load_released

SAME_WEIGHTS = {"autoformer-wide": "autoformer", "autoformer-base-wide": "autoformer-base"}


def state_of(name: str) -> dict[str, torch.Tensor]:
    """Names and shapes of the full-size network, without its memory."""
    with torch.device("meta"):
        return build_supernet(name).state_dict()


@pytest.fixture(scope="module")
def states() -> dict[str, dict[str, torch.Tensor]]:
    return {name: state_of(name) for name in supernet_names()}


@pytest.mark.parametrize("name", ["ofa-w1.0", "ofa-resnet50", "spos", "autoformer"])
def test_weights_of_every_other_supernet_are_refused(name: str, states: dict[str, dict[str, torch.Tensor]]) -> None:
    with torch.device("meta"):
        net = build_supernet(name)
    for other, state in states.items():
        if SAME_WEIGHTS.get(other, other) == name:
            load_released(net, state)
        else:
            with pytest.raises(CheckpointError, match=f"not those of {name}"):
                load_released(net, state)


@pytest.mark.parametrize("name", supernet_names())
def test_default_limits_bind(name: str) -> None:
    low, high = get_space(name).bounds()
    for column, limit in get_family(name).default_limits.items():
        assert getattr(low, column) < limit < getattr(high, column)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"unknown supernet 'resnet'.*spos, autoformer"):
        get_space("resnet")


@pytest.mark.parametrize("name", space_names())
def test_the_shape_of_a_network_tells_some_apart_and_has_a_name(name: str) -> None:
    space, rng = get_space(name), random.Random(0)
    shapes = {space.shape(space.sample(rng)) for _ in range(50)}
    assert all(0 <= shape < math.inf for shape in shapes)
    assert len(shapes) > 2
    assert space.shape_label
