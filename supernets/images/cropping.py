"""From an image of any size to what a network of the literature reads: resize the shorter side, crop the centre.

Notable: families are evaluated with different libraries, and their results differ by more than rounding. `bilinear`
and `bicubic` are Pillow's, which average over all the pixels that shrink into one, with the sizes that torchvision
computes. `opencv bilinear` looks at four pixels only and repeats the fixed-point arithmetic of OpenCV's
`INTER_LINEAR` for bytes, to the bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from supernets.images.decoding import Bytes

Resampling = Literal["bilinear", "bicubic", "opencv bilinear"]

_PILLOW = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_ONE = 2048
"""Unit of OpenCV's fixed-point weights."""


@dataclass(frozen=True)
class Cropping:
    """The shorter side becomes ceil(side / `crop`) pixels, of which the central `side` are kept."""

    resampling: Resampling
    crop: float = 0.875

    def __call__(self, image: Image.Image, side: int) -> Bytes:
        """`(side, side, 3)` bytes of an RGB image."""
        width, height = self._resized(image.size, math.ceil(side / self.crop))
        left, top = round((width - side) / 2), round((height - side) / 2)
        if self.resampling == "opencv bilinear":
            return _opencv_bilinear(np.asarray(image), (width, height), (left, top), side)
        if image.size != (width, height):
            image = image.resize((width, height), _PILLOW[self.resampling])
        return np.asarray(image.crop((left, top, left + side, top + side)))

    def _resized(self, size: tuple[int, int], shorter: int) -> tuple[int, int]:
        """Width and height; the longer side is cut off to whole pixels by torchvision, rounded by SPOS."""
        width, height = size
        rounding = 0.5 if self.resampling == "opencv bilinear" else 0.0
        if width <= height:
            return shorter, int(shorter * height / width + rounding)
        return int(shorter * width / height + rounding), shorter


SQUARE = Cropping("bicubic", crop=1.0)
"""How images are stored for networks that read all their sides from one stored square."""


def _opencv_bilinear(image: Bytes, size: tuple[int, int], start: tuple[int, int], side: int) -> Bytes:
    """The `side` x `side` pixels from `start` (left, top) on of `image` resized to `size` (width, height)."""
    left, right, along = _neighbours(image.shape[1], size[0], start[0], side)
    upper, lower, down = _neighbours(image.shape[0], size[1], start[1], side)
    rows, position = np.unique(np.concatenate([upper, lower]), return_inverse=True)
    along, down = along[None, :, None], down[:, None, None]
    source = image[rows]
    # Shifts are where OpenCV cuts off: 4 bits after the horizontal pass, 16 after the vertical one, 2 at the end.
    wide = (source[:, left] * (_ONE - along) + source[:, right] * along) >> 4
    above, below = wide[position[:side]], wide[position[side:]]
    pixels: Bytes = (((above * (_ONE - down) >> 16) + (below * down >> 16) + 2) >> 2).astype(np.uint8)
    return pixels


def _neighbours(
    length: int, resized: int, start: int, side: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Of `side` pixels from `start` on: the source pixels before and after, and the weight of the one after."""
    position = ((np.arange(start, start + side) + 0.5) * (length / resized) - 0.5).astype(np.float32)
    before = np.floor(position)
    weight = np.rint((position - before) * np.float32(_ONE)).astype(np.int32)
    index = before.astype(np.int64)
    return np.clip(index, 0, length - 1), np.clip(index + 1, 0, length - 1), weight
