from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supernets.images import ImageError, ImageSet, Splits, split


def image_set(labels: np.ndarray, digests: np.ndarray | None = None) -> ImageSet:
    labels = np.asarray(labels, dtype=np.int64)
    pixels = np.zeros((len(labels), 1, 1, 3), dtype=np.uint8)
    digests = np.arange(len(labels), dtype=np.uint64) if digests is None else digests
    classes = tuple(f"class{c}" for c in range(int(labels.max()) + 1))
    return ImageSet("toy", pixels, labels, digests, classes, "hash")


@given(st.integers(2, 5), st.integers(10, 30), st.integers(0, 1000))
@settings(max_examples=30)
def test_splits_are_disjoint_balanced_and_repeatable(classes: int, each: int, seed: int) -> None:
    images = image_set(np.repeat(np.arange(classes), each))
    sizes = {"calibrate": 2 * classes, "search": 3 * classes, "report": 5 * classes}
    splits = split(images, sizes, seed)
    for name, part in splits.named():
        assert len(part) == sizes[name]
        assert len(set(np.bincount(part.labels, minlength=classes))) == 1
    assert [part.hash for _, part in splits.named()] == [part.hash for _, part in split(images, sizes, seed).named()]
    everything = np.concatenate([part.digests for _, part in splits.named()])
    assert len(set(everything.tolist())) == len(everything)


def test_repeated_images_are_used_once() -> None:
    digests = np.array([0, 1, 2, 2, 2, 5, 6, 7, 7, 9], dtype=np.uint64)
    images = image_set(np.array([0] * 5 + [1] * 5), digests)
    splits = split(images, {"calibrate": 2, "search": 2, "report": 2}, 0)
    assert len({int(d) for _, part in splits.named() for d in part.digests}) == 6


def test_too_few_images_say_how_many_are_needed() -> None:
    with pytest.raises(ImageError, match="expected at least 30 class-balanced images"):
        split(image_set(np.repeat([0, 1], 5)), {"calibrate": 10, "search": 10, "report": 10}, 0)


def test_splits_that_share_an_image_are_refused() -> None:
    a, b = image_set(np.array([0, 1])), image_set(np.array([0, 1]), np.array([7, 8], dtype=np.uint64))
    c = image_set(np.array([0, 1]), np.array([9, 8], dtype=np.uint64))
    with pytest.raises(ImageError, match="search and report: expected no image in both, found 1"):
        Splits(a, b, c)


def test_splits_that_are_not_held_out_may_share_images() -> None:
    a = image_set(np.array([0, 1]))
    assert Splits(a, a, a, held_out=False).report is a
