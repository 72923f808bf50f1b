"""How a family's images become network inputs, as a value. Applied in `evaluate/inputs.py` and in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """How images become inputs. `divisor`: an architecture of resolution r reads r / divisor pixels a side."""

    divisor: int = 1
    crop: float = 0.875
    channels: str = "RGB"
    """Order of the channels, `RGB` or `BGR`; `mean` and `std` follow it."""
    mean: tuple[float, float, float] = IMAGENET_MEAN
    """Of values from 0 to 1, as `std`."""
    std: tuple[float, float, float] = IMAGENET_STD

    interpolation = "bicubic, antialiased, rounded to bytes"

    def normalise(self, images: Tensor) -> Tensor:
        """RGB bytes or floats in 0..255, `(N, 3, side, side)`, to what the network reads."""
        images = (images.flip(1) if self.channels == "BGR" else images).float() / 255
        mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (self.mean, self.std))
        return (images - mean) / std
