from __future__ import annotations

import torch

from supernets.families.spos.family import FAMILIES


def test_the_network_is_that_of_the_space() -> None:
    family = FAMILIES["spos"]
    with torch.device("meta"):
        net = family.network(family.pocket, 10)
    assert net.space.name == family.name == "spos"
    assert len(net.path(net.space.smallest())) == 22


def test_small_inputs_are_calibrated_by_averages_and_full_size_ones_as_the_authors_do() -> None:
    small, full = FAMILIES["spos"].calibration(5), FAMILIES["spos"].calibration(1)
    assert small is not None
    assert full is not None
    assert (small.rule, full.rule) == ("average", "running")
    # What is left of the starting values after the authors' batches, at momentum 0.1.
    assert 0.9 ** (full.images / full.batch) < 0.01


def test_released_weights_read_blue_first_bytes() -> None:
    preprocessing = FAMILIES["spos"].preprocessing
    assert preprocessing.channels == "BGR"
    x = preprocessing.normalise(torch.full((1, 3, 1, 1), 100, dtype=torch.uint8))
    assert x.flatten().tolist() == [100, 100, 100] or torch.allclose(x, torch.full_like(x, 100))
