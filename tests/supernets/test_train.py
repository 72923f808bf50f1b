from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from common.errors import UserError
from supernets.families.recipe import Recipe, Scale
from supernets.families.registry import build_supernet, supernet_family
from supernets.images.image_sets import ImageSet
from supernets.images.preprocessing import Preprocessing
from supernets.load import CheckpointMetadata, load_splits, load_supernet
from supernets.network.supernet import Step, Supernet
from supernets.space.architecture import Architecture
from supernets.train import Progress, train, train_from_folder
from tests.supernets.evaluate.toy import random_images
from tests.supernets.images.pictures import class_folders, truncate

RECIPE = Recipe(sandwich_epochs=2, random_epochs=2, batch=8, random_learning_rate=2e-3)

SEEDED = Recipe(seed_epochs=2, sandwich_epochs=0, random_epochs=2, batch=8, shards=2, random_subnets=1)


POOLED = replace(RECIPE, sandwich_epochs=0, random_epochs=6, pool=2, pool_epochs=3, spreading=0.5)


class _Interrupted(Exception):
    pass


@pytest.fixture
def images() -> ImageSet:
    return random_images(24, 5)


def start(images: ImageSet, checkpoint: Path, stop_at: int | None = None, recipe: Recipe = RECIPE) -> Supernet:
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    net = build_supernet("spos", Scale(0.25), 4) if recipe.seed_epochs else build_supernet("ofa", Scale(0.1), 4)

    def side(a: Architecture) -> int:
        return net.space.resolution(a) // 8

    def report(progress: Progress) -> None:
        if progress.step == stop_at:
            raise _Interrupted

    train(
        net, images, side=side, normalise=lambda x: Preprocessing().normalise(255 * x), recipe=recipe,
        checkpoint=checkpoint, report=report,
    )  # fmt: skip
    return net


@pytest.mark.parametrize("stop_at", [5, 6, 8, 11])
@pytest.mark.parametrize("recipe", [RECIPE, SEEDED, POOLED], ids=["sandwich", "seed", "pool"])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(
    images: ImageSet, tmp_path: Path, recipe: Recipe, stop_at: int
) -> None:
    whole = start(images, tmp_path / "whole.state", recipe=recipe)
    with pytest.raises(_Interrupted):
        start(images, tmp_path / "cut.state", stop_at, recipe)
    torch.manual_seed(5)
    continued = start(images, tmp_path / "cut.state", recipe=recipe)
    reference = whole.state_dict()
    assert all(torch.equal(tensor, reference[name]) for name, tensor in continued.state_dict().items())


def test_the_steps_of_some_epochs_draw_from_one_pool(images: ImageSet, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = build_supernet("ofa", Scale(0.1), 4)
    drawn: list[str] = []
    path = net.path

    def watched(a: Architecture) -> list[Step]:
        drawn.append(a.id)
        return path(a)

    vars(net)["path"] = watched
    recipe = replace(POOLED, spreading=0.0)
    train(
        net, images, side=lambda a: 24, normalise=lambda x: Preprocessing().normalise(255 * x), recipe=recipe,
        checkpoint=tmp_path / "state", report=lambda progress: None,
    )  # fmt: skip
    first, second = set(drawn[: len(drawn) // 2]), set(drawn[len(drawn) // 2 :])
    assert (len(drawn), len(first), len(second)) == (6 * 3 * 2, 2, 2)
    assert not first & second


def test_training_lowers_the_loss(images: ImageSet, tmp_path: Path) -> None:
    losses: list[float] = []
    torch.manual_seed(0)
    net = build_supernet("ofa", Scale(0.1), 4)
    recipe = Recipe(sandwich_epochs=12, random_epochs=0, batch=24)
    train(
        net, images, side=lambda a: 24, normalise=lambda x: Preprocessing().normalise(255 * x), recipe=recipe,
        checkpoint=tmp_path / "state", report=lambda progress: losses.append(progress.losses[0]),
    )  # fmt: skip
    assert sum(losses[-3:]) / 3 < 0.9 * losses[0]


def test_a_checkpoint_of_another_recipe_is_refused(images: ImageSet, tmp_path: Path) -> None:
    start(images, tmp_path / "state")
    with pytest.raises(UserError, match=r"sandwich_epochs: 2 there, 3 now.* name another --out"):
        start(images, tmp_path / "state", recipe=Recipe(sandwich_epochs=3, random_epochs=2, batch=8))


METADATA = CheckpointMetadata(supernet="ofa", width=0.1, classes=(), divisor=4, stored_side=32, crop=1.0)


@pytest.mark.parametrize(
    ("changed", "recipe", "out", "message"),
    [
        ({"width": -1.0}, {}, "x.safetensors", "--width: expected a number above 0"),
        ({"width": 0.0}, {}, "x.safetensors", "--width: .* got 0"),
        ({"width": math.nan}, {}, "x.safetensors", "--width: .* got nan"),
        ({"divisor": 0}, {}, "x.safetensors", "--divisor: expected 1 to 20 .* got 0"),
        ({"divisor": 300}, {}, "x.safetensors", "--divisor: expected 1 to 20 .* got 300"),
        ({"stored_side": 0}, {}, "x.safetensors", "--stored-side: expected 8 pixels or more, got 0"),
        ({}, {"sandwich_epochs": -1, "random_epochs": 0}, "x.safetensors", "expected 0 or more each .* got 0, -1, 0"),
        ({}, {"sandwich_epochs": 0, "random_epochs": 0}, "x.safetensors", "at least one epoch in all, got 0, 0, 0"),
        ({}, {}, "x.pth", r"--out: expected a name that ends in \.safetensors"),
        ({}, {}, "x", r"--out: expected a name that ends in \.safetensors"),
        ({}, {}, "no/such/x.safetensors", "--out: .*no folder to write in; make the folder first"),
        ({}, {}, "folder.safetensors", "--out: .* a folder of that name"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_the_first_epoch(
    changed: dict[str, Any], recipe: dict[str, int], out: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(UserError, match=message):
        train_from_folder(
            "ofa", replace(METADATA, **changed), tmp_path / "absent", tmp_path / out, recipe=replace(RECIPE, **recipe),
            cache=tmp_path, report=lambda progress: None, device="cpu",
        )  # fmt: skip


def test_images_that_are_left_out_are_told_and_the_others_remembered(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    class_folders(tmp_path / "images", ("cat", "dog", "fox"), 6)
    truncate(tmp_path / "images" / "cat" / "cat_1.JPEG")
    (tmp_path / "images" / ".git").mkdir()
    (tmp_path / "images" / "dog" / "a.gif").write_bytes(b"")
    notes: list[str] = []
    out = tmp_path / "own.safetensors"
    train_from_folder(
        "ofa", METADATA, tmp_path / "images", out, recipe=Recipe(sandwich_epochs=1, random_epochs=0, batch=8),
        cache=tmp_path / "cache", report=lambda progress: None, device="cpu", note=notes.append,
    )  # fmt: skip
    assert "1 file of other kinds (.gif: 1)" in notes[0]
    assert notes[1].startswith("1 of 18 images of images cannot be read and were left out (cat/cat_1.JPEG")
    loaded = load_supernet(supernet_family("ofa"), out)
    assert loaded.metadata.classes == ("cat", "dog", "fox")
    splits = load_splits(loaded, tmp_path / "images", tmp_path / "cache")
    (seen,) = loaded.images_seen(splits)
    assert seen.startswith(
        "The weights were trained on 100 % of the images of search and 100 % of the images of report"
    )
    class_folders(tmp_path / "others", ("cat", "dog", "fox"), 6, 100)
    assert loaded.images_seen(load_splits(loaded, tmp_path / "others", tmp_path / "cache")) == ()


def test_fewer_images_than_a_batch_train_nothing_and_are_refused(images: ImageSet, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected at least 64, one batch, got 24"):
        start(images, tmp_path / "state", recipe=Recipe(batch=64))


def test_workers_learn_what_one_process_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    torch.set_num_threads(1)
    alone, together = (train_on_disk(tmp_path, workers) for workers in (1, 2))
    for name, tensor in alone.items():
        if "running" not in name and "tracked" not in name:
            torch.testing.assert_close(together[name], tensor, rtol=1e-4, atol=1e-5, msg=name)


def train_on_disk(folder: Path, workers: int, device: str = "cpu") -> dict[str, torch.Tensor]:
    """The parameters after a short run on images that every process reads for itself."""
    rng = np.random.default_rng(0)
    for i in range(16):
        path = folder / "images" / f"class{i % 2}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    out = folder / f"{workers}.safetensors"
    recipe = replace(SEEDED, seed_epochs=1, random_epochs=1)
    rates: list[float] = []
    train_from_folder(
        "spos", CheckpointMetadata(supernet="spos", width=0.25, classes=(), divisor=8, stored_side=32, crop=1.0),
        folder / "images", out, recipe=recipe, cache=folder / "cache",
        report=lambda progress: rates.append(progress.images_per_second), device=device, workers=workers,
    )  # fmt: skip
    assert len(rates) == 4
    assert min(rates) > 0
    state: dict[str, torch.Tensor] = torch.load(out.with_suffix(".state"), weights_only=True)["net"]
    return state


def test_workers_that_cannot_share_a_batch_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a divisor of the batch, 8; got 3"):
        train_on_disk(tmp_path, 3)


def test_workers_on_another_device_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected 1 on cuda, got 2"):
        train_on_disk(tmp_path, 2, "cuda")
