from __future__ import annotations

import pytest
import torch

from supernets.families.ofa.family import FAMILIES
from supernets.families.recipe import Scale


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_builds_its_space_and_network(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == family.space().name == name
    with torch.device("meta"):
        full, pocket = family.network(), family.network(family.pocket, 10)
    assert full.space.name == pocket.space.name == name
    sizes = [sum(parameter.numel() for parameter in net.parameters()) for net in (full, pocket)]
    assert sizes[0] > 5 * sizes[1]
    assert not full.training
    assert family.translate("module.first_conv.bn.bn.weight" if name != "ofa-resnet50" else "module.x") != "module.x"


def test_calibration_and_devices() -> None:
    calibration = FAMILIES["ofa"].calibration(1)
    assert calibration is not None
    assert (calibration.rule, calibration.images, calibration.batch) == ("average", 500, 250)
    assert FAMILIES["ofa-resnet50"].devices.names(FAMILIES["ofa-resnet50"].space()) == ()
    assert "note10" in FAMILIES["ofa"].devices.names(FAMILIES["ofa"].space())


def test_a_width_narrows_the_network_and_not_the_space() -> None:
    with torch.device("meta"):
        net = FAMILIES["ofa"].network(Scale(0.5), 3)
    assert net.space.cost(net.space.largest()) == FAMILIES["ofa"].space().cost(net.space.largest())
