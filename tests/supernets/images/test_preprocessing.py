from __future__ import annotations

import pytest
import torch

from supernets.images.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing


def test_channels_are_normalised_one_by_one() -> None:
    images = torch.tensor([0, 255, 51], dtype=torch.uint8).view(1, 3, 1, 1)
    found = Preprocessing().normalise(images).flatten()
    expected = [(v - m) / s for v, m, s in zip((0, 1, 0.2), IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    assert found.tolist() == pytest.approx(expected)
    assert images.flatten().tolist() == [0, 255, 51]


def test_blue_first_reads_bytes_as_they_are() -> None:
    spos = Preprocessing(channels="BGR", mean=(0.0, 0.0, 0.0), std=(1 / 255, 1 / 255, 1 / 255))
    images = torch.tensor([10.0, 20.0, 30.0]).view(1, 3, 1, 1)
    assert spos.normalise(images).flatten().tolist() == pytest.approx([30, 20, 10])


def test_a_protocol_names_how_images_are_resized() -> None:
    assert Preprocessing().interpolation == "bicubic, antialiased, rounded to bytes"
    from_files = Preprocessing(resampling="opencv bilinear", from_files=True, crop=0.9)
    assert from_files.interpolation == "opencv bilinear from the file, shorter side to ceil(side / 0.9)"
