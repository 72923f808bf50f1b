from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F
from torchvision import transforms  # type: ignore[import-untyped]
from torchvision.transforms import InterpolationMode  # type: ignore[import-untyped]

from supernets.images.cropping import Cropping, Resampling
from tests.supernets.images.pictures import picture

SIZES = ((500, 375), (375, 500), (61, 43), (183, 280), (224, 224), (40, 700), (257, 256))
SIDES = (128, 160, 176, 192, 208, 224)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("resampling", "mode"), [("bilinear", InterpolationMode.BILINEAR), ("bicubic", InterpolationMode.BICUBIC)]
)
def test_crops_are_those_of_torchvision(size: tuple[int, int], resampling: Resampling, mode: InterpolationMode) -> None:
    image = picture(3, size)
    for side in SIDES:
        resize = transforms.Resize(math.ceil(side / 0.875), interpolation=mode)
        expected = np.asarray(transforms.CenterCrop(side)(resize(image)))
        assert np.array_equal(Cropping(resampling)(image, side), expected), side


# Crops made with OpenCV 4: cvtColor and resize(..., INTER_LINEAR) of the same bytes, shorter side to side / 0.875.
OPENCV = {
    ((61, 43), 28): "a4bf99ef2ae8be00",
    ((40, 90), 28): "32661f944d699b2b",
    ((300, 301), 224): "ee0c2fdb1f5445b8",
    ((56, 64), 28): "3f6f2bd302836e49",
}


@pytest.mark.parametrize(("size", "side"), OPENCV)
def test_opencvs_bilinear_is_equal_to_the_bit(size: tuple[int, int], side: int) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    crop = Cropping("opencv bilinear")(Image.fromarray(pixels), side)
    assert hashlib.sha256(crop.tobytes()).hexdigest()[:16] == OPENCV[size, side]


def test_opencvs_bilinear_does_not_average_what_shrinks() -> None:
    image = picture(1, (300, 300))
    crop = Cropping("opencv bilinear", crop=1.0)(image, 64)
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
    plain = F.interpolate(x, (64, 64), mode="bilinear", align_corners=False)[0].permute(1, 2, 0).numpy()
    assert np.abs(plain - crop).max() <= 1
