"""A sketch finds the images that two sets share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.images.sketch import Sketch


def digests(start: int, end: int) -> np.ndarray:
    """The fingerprints of images number `start` to `end`."""
    return np.random.default_rng(0).integers(0, 2**64, size=20_000, dtype=np.uint64)[start:end]


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 1000))
def test_of_a_small_set_the_share_is_exact(first: int, count: int, start: int) -> None:
    sketch = Sketch.read(Sketch.of(digests(first, first + count)).text)
    overlap = max(0, min(first + count, start + 500) - max(first, start))
    assert sketch.whole
    assert sketch.shared(digests(start, start + 500)) == pytest.approx(overlap / 500)


@pytest.mark.parametrize(("start", "share"), [(0, 1.0), (5_000, 1.0), (15_000, 0.5), (7_500, 1.0), (20_000, 0.0)])
def test_of_a_large_set_the_share_is_near(start: int, share: float) -> None:
    other = np.concatenate(
        [
            digests(start, min(start + 5_000, 17_500)),
            np.random.default_rng(1).integers(
                0, 2**64, size=5_000 - max(0, min(5_000, 17_500 - start)), dtype=np.uint64
            ),
        ]
    )
    sketch = Sketch.of(digests(0, 17_500))
    assert not sketch.whole
    assert len(sketch.text) < 12_000
    assert sketch.shared(other) == pytest.approx(share, abs=0.06)


def test_an_image_that_is_repeated_counts_once_and_no_images_share_nothing() -> None:
    sketch = Sketch.of(np.array([3, 3, 5], dtype=np.uint64))
    assert sketch.shared(np.array([3, 3, 7], dtype=np.uint64)) == 0.5
    assert sketch.shared(np.array([], dtype=np.uint64)) == 0.0


@pytest.mark.parametrize("text", ["", "part", "some:AAAA", "all:not base64", "part:AAA"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Sketch.read(text)
