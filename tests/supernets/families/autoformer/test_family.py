from __future__ import annotations

import pytest
import torch

from supernets.families.registry import build_supernet
from supernets.network.checkpoint_file import CheckpointError
from tests.supernets.families import golden
from tests.supernets.families.autoformer.golden import NAMES
from tests.supernets.families.golden import load_released


@pytest.mark.parametrize("name", NAMES)
def test_parameters_have_the_released_names_and_shapes(name: str) -> None:
    entries = golden.read(name, "manifest")["entries"]
    with torch.device("meta"):
        state = build_supernet(name).state_dict()
    assert {key: list(tensor.shape) for key, tensor in state.items()} == {key: shape for key, shape, _ in entries}


def test_a_checkpoint_of_another_size_is_refused_whole() -> None:
    net = build_supernet("autoformer")
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_released(net, golden.released_state("autoformer-small"))
    assert "pos_embed is (1, 197, 448), expected (1, 197, 256)" in str(caught.value)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_missing_unexpected_and_mis_shaped_names_are_reported_at_once() -> None:
    state = dict(golden.released_state("autoformer"))
    del state["norm.bias"]
    state["blocks.14.fc1.bias"] = torch.zeros(1024)
    state["head.weight"] = torch.zeros(100, 256)
    with pytest.raises(CheckpointError) as caught:
        load_released(build_supernet("autoformer"), state)
    message = str(caught.value)
    assert "1 missing: norm.bias" in message
    assert "1 unexpected: blocks.14.fc1.bias" in message
    assert "head.weight is (100, 256), expected (1000, 256)" in message
