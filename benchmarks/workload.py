"""What benchmarks score: noise in place of images, and architectures at one input side."""

from __future__ import annotations

from typing import Any

import numpy as np

from supernets.images.image_sets import ImageSet, Splits

_DIFFERENT = 500
"""Number of different images, since noise takes long to draw."""


def noise_splits(calibrate: int, search: int, side: int) -> Splits:
    """Splits of noise of the given numbers of images, and one image for the report; squares of `side` pixels."""
    rng = np.random.default_rng(0)

    def noise(count: int, first: int) -> ImageSet:
        drawn = rng.integers(0, 256, (min(count, _DIFFERENT), side, side, 3), dtype=np.uint8)
        return ImageSet(
            name="noise", pixels=np.resize(drawn, (count, side, side, 3)), labels=np.arange(count) % 1000,
            classes=tuple(map(str, range(1000))), digests=np.arange(first, first + count, dtype=np.uint64),
            hash=str(first),
        )  # fmt: skip

    return Splits(calibrate=noise(calibrate, 0), search=noise(search, 100_000), report=noise(1, 200_000))


def at_side(genotype: dict[str, Any], side: int) -> dict[str, Any]:
    """A genotype with this resolution, where the space has a choice."""
    return {**genotype, "r": side} if "r" in genotype else genotype
