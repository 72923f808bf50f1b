"""Resizes the shorter side of an image of any size and crops the centre, as the authors of each family evaluate.

Notable: the families' authors use different libraries, whose results differ by more than rounding. `bilinear` and
`bicubic` are Pillow's: they average over all source pixels of a target pixel, at the sizes that torchvision computes.
`opencv bilinear` reads only four source pixels and reproduces the fixed-point arithmetic of OpenCV's `INTER_LINEAR` for
bytes exactly. It is written here because OpenCV itself would be a dependency of 60 MB for this one function.
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
"""The number 1 in OpenCV's fixed-point weights."""


@dataclass(frozen=True)
class Cropping:
    """Resizes the shorter side to ceil(side / `crop`) pixels, and keeps the central `side` of them."""

    resampling: Resampling
    crop: float = 0.875

    def __call__(self, image: Image.Image, side: int) -> Bytes:
        """The crop of an RGB image as bytes, `(side, side, 3)`."""
        width, height = self._resized(image.size, math.ceil(side / self.crop))
        left, top = round((width - side) / 2), round((height - side) / 2)
        if self.resampling == "opencv bilinear":
            return _opencv_bilinear(np.asarray(image), (width, height), (left, top), side)
        if image.size != (width, height):
            image = image.resize((width, height), _PILLOW[self.resampling])
        return np.asarray(image.crop((left, top, left + side, top + side)))

    def _resized(self, size: tuple[int, int], shorter: int) -> tuple[int, int]:
        """Width and height after resizing; torchvision truncates the longer side to whole pixels, SPOS rounds it."""
        width, height = size
        rounding = 0.5 if self.resampling == "opencv bilinear" else 0.0
        if width <= height:
            return shorter, int(shorter * height / width + rounding)
        return int(shorter * width / height + rounding), shorter


SQUARE = Cropping("bicubic", crop=1.0)
"""How images are stored for networks whose inputs of all sides are resized from one stored square."""


def _opencv_bilinear(image: Bytes, size: tuple[int, int], start: tuple[int, int], side: int) -> Bytes:
    """A crop of `side` x `side` pixels at `start` (left, top) from `image` resized to `size` (width, height)."""
    left, right, along = _neighbours(image.shape[1], size[0], start[0], side)
    upper, lower, down = _neighbours(image.shape[0], size[1], start[1], side)
    rows, position = np.unique(np.concatenate([upper, lower]), return_inverse=True)
    along, down = along[None, :, None], down[:, None, None]
    source = image[rows]
    # The shifts truncate where OpenCV does: 4 bits after the horizontal pass, 16 after the vertical one, 2 at the end.
    wide = (source[:, left] * (_ONE - along) + source[:, right] * along) >> 4
    above, below = wide[position[:side]], wide[position[side:]]
    pixels: Bytes = (((above * (_ONE - down) >> 16) + (below * down >> 16) + 2) >> 2).astype(np.uint8)
    return pixels


def _neighbours(
    length: int, resized: int, start: int, side: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """For each of `side` pixels from `start`: the source pixels before and after it, and the weight of the latter."""
    position = ((np.arange(start, start + side) + 0.5) * (length / resized) - 0.5).astype(np.float32)
    before = np.floor(position)
    weight = np.rint((position - before) * np.float32(_ONE)).astype(np.int32)
    index = before.astype(np.int64)
    return np.clip(index, 0, length - 1), np.clip(index + 1, 0, length - 1), weight
