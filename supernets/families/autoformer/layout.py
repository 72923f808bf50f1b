"""Choices and widths of the AutoFormer networks, and their sizes in pixels, tokens and channels at any scale.

Source: AutoFormer, Chen et al., ICCV 2021, and its release. A layout does not depend on an architecture; `space.py`,
`cost.py` and `model.py` all read it, so that costs and networks cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

RESOLUTION = 224
MAX_DISTANCE = 14
"""Maximum distance with an embedding of its own; larger distances share it."""
HEAD_WIDTH = 64
_PATCH, _LEAST_PATCH = 16, 8


@dataclass(frozen=True)
class Layout:
    """One search space and its supernet; the last depth and number of heads are the supernet's."""

    depths: tuple[int, ...]
    embed_dims: tuple[int, ...]
    mlp_ratios: tuple[float, ...]
    num_heads: tuple[int, ...]

    @property
    def layers(self) -> int:
        return self.depths[-1]

    @property
    def super_heads(self) -> int:
        return self.num_heads[-1]

    @property
    def super_dim(self) -> int:
        """Width of the supernet's weights, larger than that of any sub-network."""
        return self.super_heads * HEAD_WIDTH


TINY = Layout((12, 13, 14), (192, 216, 240), (3.5, 4.0), (3, 4))
SMALL = Layout((12, 13, 14), (320, 384, 448), (3.0, 3.5, 4.0), (5, 6, 7))
BASE = Layout((14, 15, 16), (528, 576, 624), (3.0, 3.5, 4.0), (9, 10))
# Wider choices on the same weights, as CoLLM-NAS searches them.
TINY_WIDE = replace(TINY, mlp_ratios=(3.0, 3.5, 4.0))
BASE_WIDE = replace(BASE, num_heads=(8, 9, 10))


@dataclass(frozen=True)
class Geometry:
    """Widths and sides at one scale; genotypes keep the numbers of the full scale."""

    width: float = 1.0
    """Multiplier of all widths."""
    divisor: int = 1
    """Divisor of the input side, and of the side of patches down to 8 pixels."""

    @property
    def head_width(self) -> int:
        return round(HEAD_WIDTH * self.width)

    @property
    def patch(self) -> int:
        """Side of a patch in pixels."""
        return max(_LEAST_PATCH, _PATCH // self.divisor)

    @property
    def side(self) -> int:
        """Patches along a side of the image."""
        return RESOLUTION // self.divisor // self.patch

    def dim(self, embed_dim: int) -> int:
        """Channels of a token."""
        return round(embed_dim * self.width)


def hidden_width(dim: int, ratio: float) -> int:
    """Channels inside a feed-forward layer."""
    return int(dim * ratio)


def position_channels(head_width: int, side: int) -> int:
    """Channels that relative positions add to a head: one for each row and column and one for the class token.

    They are padded, since fused attention on GPUs wants a multiple of 8 channels in all.
    """
    channels = 2 * side + 1
    return channels + -(head_width + channels) % 8
