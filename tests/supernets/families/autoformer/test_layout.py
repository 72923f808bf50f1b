from __future__ import annotations

from supernets.families.autoformer.layout import (
    BASE,
    HEAD_WIDTH,
    SMALL,
    TINY,
    Geometry,
    hidden_width,
    position_channels,
)


def test_the_supernets_have_the_released_sizes() -> None:
    assert [(layout.layers, layout.super_dim) for layout in (TINY, SMALL, BASE)] == [(14, 256), (14, 448), (16, 640)]


def test_a_smaller_geometry_keeps_the_grid_of_patches_near_the_full_one() -> None:
    full, pocket = Geometry(), Geometry(width=0.25, divisor=7)
    assert (full.patch, full.side, full.head_width, full.dim(192)) == (16, 14, 64, 192)
    assert (pocket.patch, pocket.side, pocket.head_width, pocket.dim(192)) == (8, 4, 16, 48)


def test_widths_with_positions_are_multiples_of_8() -> None:
    assert hidden_width(216, 3.5) == 756
    for head_width, side in ((HEAD_WIDTH, 14), (16, 4)):
        channels = position_channels(head_width, side)
        assert channels >= 2 * side + 1
        assert (head_width + channels) % 8 == 0
