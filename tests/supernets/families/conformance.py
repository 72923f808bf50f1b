"""What our own supernets hold to besides the public suite: they load what the authors released."""

from __future__ import annotations

import json
from typing import ClassVar

import torch

from collm_nas.testing import SupernetConformance
from supernets.families.registry import build_supernet
from tests.paths import GOLDENS
from tests.supernets.families.golden import load_released


class ReleasedConformance(SupernetConformance):
    manifest: ClassVar[str]
    """The golden list of released names."""

    def test_the_released_names_load(self) -> None:
        entries = json.loads((GOLDENS / f"{self.manifest}.manifest.json").read_text())["entries"]
        state = {name: torch.zeros(shape, dtype=getattr(torch, dtype)) for name, shape, dtype in entries}
        net = build_supernet(self.name)
        load_released(net, state)
        assert not any(tensor.any() for tensor in net.state_dict().values())
        load_released(net, {f"module.{name}": tensor for name, tensor in state.items()})
