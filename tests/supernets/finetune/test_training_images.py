"""What a training reads depends on the seed, the epoch and the image alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from common.errors import UserError
from supernets.finetune.finetune_recipe import preset
from supernets.finetune.training_images import ListedPictures, StoredPictures, epoch_batches
from supernets.images.imagenet import class_listing
from tests.supernets.finetune.pictures import COLOURS, draw, stored

RECIPE = replace(preset("short"), batch=4, color_jitter=0.4, auto_augment="rand-m9-mstd0.5")


def read(recipe: object = RECIPE, epoch: int = 0) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return list(epoch_batches(stored(14), recipe, 24, epoch))  # type: ignore[arg-type]


def test_batches_are_whole_and_images_are_rgb_from_0_to_1() -> None:
    batches = read()
    assert [tuple(images.shape) for images, _ in batches] == [(4, 3, 24, 24)] * 3
    images = torch.cat([images for images, _ in batches])
    assert images.dtype == torch.float32
    assert 0 <= images.min() < 0.4 < images.max() <= 1


def test_an_epoch_is_the_same_with_any_number_of_processes_and_others_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    once = read()
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    for (x, y), (u, v) in zip(once, read(), strict=True):
        assert torch.equal(x, u)
        assert torch.equal(y, v)
    for other in (read(epoch=1), read(replace(RECIPE, seed=1))):
        assert not torch.equal(once[0][0], other[0][0])


def test_files_are_decoded_when_they_are_read(tmp_path: Path) -> None:
    listing = class_listing("drawn", draw(tmp_path / "drawn", 4, 0), list(COLOURS))
    pictures = ListedPictures(listing)
    assert pictures.picture(0).size == (32, 32)
    assert pictures.hash == ListedPictures(listing).hash
    assert pictures.hash != ListedPictures(listing.take(listing.labels[:4] * 0)).hash
    (tmp_path / "drawn" / listing.files[0]).write_bytes(b"no image")
    with pytest.raises(UserError, match=r"training image .*blue/0.png.*cannot be read"):
        pictures.picture(0)


def test_pictures_are_told_apart_by_their_hash() -> None:
    some = stored(6)
    assert some.hash == stored(6).hash
    assert len({some.hash, stored(6, seed=1).hash, StoredPictures(some.images, some.rows[:5]).hash}) == 3
