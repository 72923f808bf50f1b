"""The plot of a front."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.image import imread

from studies.front_plot import draw_front
from tests.studies.test_front import points

POINTS = points([(1.0, 70.0), (2.0, 72.0), (3.0, 71.0)])


def test_a_plot_has_points_of_the_front_in_another_colour(tmp_path: Path) -> None:
    draw_front(POINTS, "MACs (M)", tmp_path / "front.png")
    colours = imread(tmp_path / "front.png")[..., :3].reshape(-1, 3)
    blue = (abs(colours - [0.0, 0x72 / 255, 0xB2 / 255]) < 0.01).all(axis=1)
    grey = (abs(colours - 0xAA / 255) < 0.01).all(axis=1)
    assert blue.sum() > 50
    assert grey.sum() > 20


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_the_suffix_selects_the_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"front.{suffix}"
    draw_front(POINTS, "MACs (M)", path)
    assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")
