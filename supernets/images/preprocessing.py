"""How a family's images become network inputs, as a value. Applied in `evaluate/input_batches.py` and in training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from supernets.images.cropping import Resampling

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How images become inputs."""

    divisor: int = 1
    """An architecture of resolution r reads inputs of r / divisor pixels a side."""
    crop: float = 0.875
    """Share of the side of the resized image that an input shows."""
    channels: str = "RGB"
    """Order of the channels of inputs, `mean` and `std`: `RGB` or `BGR`."""
    mean: tuple[float, float, float] = IMAGENET_MEAN
    """Mean of each channel, for values from 0 to 1."""
    std: tuple[float, float, float] = IMAGENET_STD
    """Standard deviation of each channel, for values from 0 to 1."""
    resampling: Resampling = "bilinear"
    """How the family's authors resize an image before they crop it."""
    from_files: bool = False
    """True if each input is cropped from the image file, False if it is resized from one stored square."""

    @property
    def interpolation(self) -> str:
        """How an image becomes an input, in words for the protocol."""
        if not self.from_files:
            return "bicubic, antialiased, rounded to bytes"
        return f"{self.resampling} from the file, shorter side to ceil(side / {self.crop:g})"

    def normalise(self, images: Tensor) -> Tensor:
        """Network inputs from RGB bytes or floats in 0..255, `(N, 3, side, side)`."""
        images = (images.flip(1) if self.channels == "BGR" else images).float() / 255
        return images.sub_(_of_channels(self.mean, images.device)).div_(_of_channels(self.std, images.device))


@cache
def _of_channels(values: tuple[float, float, float], device: torch.device) -> Tensor:
    # Cached, because a copy to a GPU would wait for all work that was queued before.
    import torch

    return torch.tensor(values, device=device).view(1, 3, 1, 1)
