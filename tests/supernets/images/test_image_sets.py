from __future__ import annotations

import numpy as np
import pytest

from supernets.images.decoding import ImageError
from supernets.images.image_sets import ImageSet, Splits


def image_set(labels: np.ndarray, digests: np.ndarray | None = None) -> ImageSet:
    labels = np.asarray(labels, dtype=np.int64)
    pixels = np.zeros((len(labels), 1, 1, 3), dtype=np.uint8)
    digests = np.arange(len(labels), dtype=np.uint64) if digests is None else digests
    classes = tuple(f"class{c}" for c in range(int(labels.max()) + 1))
    return ImageSet(name="toy", pixels=pixels, labels=labels, digests=digests, classes=classes, hash="hash")


def test_splits_that_share_an_image_are_refused() -> None:
    a, b = image_set(np.array([0, 1])), image_set(np.array([0, 1]), np.array([7, 8], dtype=np.uint64))
    c = image_set(np.array([0, 1]), np.array([9, 8], dtype=np.uint64))
    with pytest.raises(ImageError, match="search and report: expected no image in both, found 1"):
        Splits(calibrate=a, search=b, report=c)


def test_splits_that_are_not_held_out_may_share_images() -> None:
    a = image_set(np.array([0, 1]))
    assert Splits(calibrate=a, search=a, report=a, held_out=False).report is a
