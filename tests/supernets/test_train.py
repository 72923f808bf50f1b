from __future__ import annotations

from pathlib import Path

import pytest
import torch

from common.errors import UserError
from supernets.families.recipe import Recipe, Scale
from supernets.families.registry import build_supernet
from supernets.images.image_sets import ImageSet
from supernets.images.preprocessing import Preprocessing
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture
from supernets.train import Progress, train
from tests.supernets.evaluate.toy import random_images

RECIPE = Recipe(sandwich_epochs=2, random_epochs=2, batch=8, random_learning_rate=2e-3)


class _Interrupted(Exception):
    pass


@pytest.fixture
def images() -> ImageSet:
    return random_images(24, 5)


def start(images: ImageSet, checkpoint: Path, stop_at: int | None = None, recipe: Recipe = RECIPE) -> Supernet:
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    net = build_supernet("ofa", Scale(0.1), 4)

    def side(a: Architecture) -> int:
        return net.space.resolution(a) // 8

    def report(progress: Progress) -> None:
        if progress.step == stop_at:
            raise _Interrupted

    train(net, images, side, lambda x: Preprocessing().normalise(255 * x), recipe, checkpoint, report)
    return net


@pytest.mark.parametrize("stop_at", [5, 6, 8, 11])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(images: ImageSet, tmp_path: Path, stop_at: int) -> None:
    whole = start(images, tmp_path / "whole.state")
    with pytest.raises(_Interrupted):
        start(images, tmp_path / "cut.state", stop_at)
    continued = start(images, tmp_path / "cut.state")
    reference = whole.state_dict()
    assert all(torch.equal(tensor, reference[name]) for name, tensor in continued.state_dict().items())


def test_training_lowers_the_loss(images: ImageSet, tmp_path: Path) -> None:
    losses: list[float] = []
    torch.manual_seed(0)
    net = build_supernet("ofa", Scale(0.1), 4)
    recipe = Recipe(sandwich_epochs=12, random_epochs=0, batch=24)
    train(
        net, images, lambda a: 24, lambda x: Preprocessing().normalise(255 * x), recipe, tmp_path / "state",
        lambda progress: losses.append(progress.losses[0]),
    )  # fmt: skip
    assert sum(losses[-3:]) / 3 < 0.9 * losses[0]


def test_a_checkpoint_of_another_recipe_is_refused(images: ImageSet, tmp_path: Path) -> None:
    start(images, tmp_path / "state")
    with pytest.raises(UserError, match="choose another --out"):
        start(images, tmp_path / "state", recipe=Recipe(sandwich_epochs=3, random_epochs=2, batch=8))


def test_fewer_images_than_a_batch_train_nothing_and_are_refused(images: ImageSet, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected at least 64, one batch, got 24"):
        start(images, tmp_path / "state", recipe=Recipe(batch=64))
