from __future__ import annotations

from dataclasses import replace

import pytest

from common.errors import UserError
from supernets.finetune.finetune_recipe import PRESETS, preset


def test_presets_are_those_that_were_published_and_a_short_one() -> None:
    assert list(PRESETS) == ["short", "ofa-25", "ofa-75", "spos-scratch"]
    assert (preset("ofa-25").epochs, preset("ofa-75").epochs) == (25, 75)
    scratch = preset("spos-scratch")
    # 300,000 steps of 1,024 of ImageNet's images.
    assert scratch.epochs == round(300_000 * scratch.batch / 1_281_167)
    assert [each.from_scratch for each in PRESETS.values()] == [False, False, False, True]


def test_mistakes_are_explained() -> None:
    with pytest.raises(UserError, match=r"unknown recipe 'ofa-50' \(did you mean ofa-75\?\)|unknown recipe 'ofa-50'"):
        preset("ofa-50")
    for changes, message in (
        ({"epochs": 0}, "--epochs: expected 1 or more, got 0"),
        ({"batch": 0}, "--batch: expected 1 or more, got 0"),
        ({"learning_rate": 0.0}, "--learning-rate: expected a number above 0"),
        ({"learning_rate": float("nan")}, "--learning-rate: .* got nan"),
    ):
        with pytest.raises(UserError, match=message):
            replace(preset("short"), **changes)
