"""The weights and images that all golden data were computed with are made anew here, bit for bit."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from tests.goldens import fill
from tests.paths import GOLDENS
from tests.supernets.families import golden

CHECKS: list[dict[str, Any]] = json.loads((GOLDENS / "fill_check.json").read_text())


@pytest.mark.parametrize("name", golden.FILES)
def test_the_filled_tensors_are_those_of_the_reference(name: str) -> None:
    state = golden.released_state(name)
    checks = [check for check in CHECKS if check.get("family") == golden.FILES[name]]
    assert len(checks) > 5
    for check in checks:
        tensors = state.values() if check["key"].startswith("*") else [state[check["key"]]]
        assert golden.crc32(*tensors) == check["crc32"], check


def test_the_images_are_those_of_the_reference() -> None:
    checks = [check for check in CHECKS if "image_batch" in check]
    assert checks
    for check in checks:
        count, resolution, start = check["image_batch"]
        batch = torch.from_numpy(fill.image_batch(count, resolution, check["salt"], start))
        assert golden.crc32(batch) == check["crc32"], check
