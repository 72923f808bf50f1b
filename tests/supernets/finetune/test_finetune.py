"""The training loop on a toy network: it learns, stops and goes on, and refuses what it cannot do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.finetune.finetune import Teacher, train_on
from supernets.finetune.finetune_recipe import FinetuneRecipe, preset
from supernets.images.preprocessing import Preprocessing
from supernets.train import Progress
from tests.supernets.finetune.pictures import stored

RECIPE = replace(preset("short"), batch=6, epochs=4, learning_rate=0.02, teacher_share=0.0)
PREPROCESSING = Preprocessing()


@pytest.fixture(autouse=True)
def _single_thread() -> None:
    torch.set_num_threads(1)


def toy() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1),
        nn.Linear(4, 3),
    )  # fmt: skip


def train(
    folder: Path,
    recipe: FinetuneRecipe = RECIPE,
    teacher: Teacher | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    **changes: Any,
) -> nn.Module:
    settings: dict[str, Any] = {"identity": {"architecture": "toy"}, **changes}
    return train_on(
        toy(), stored(24), recipe=recipe, preprocessing=PREPROCESSING, side=16, classes=3, teacher=teacher,
        checkpoint=folder / "state", report=report, device="cpu", **settings,
    )  # fmt: skip


def hits(net: nn.Module) -> int:
    pictures = stored(60, seed=9)
    x = torch.from_numpy(pictures.images.pixels.copy()).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        found = net(PREPROCESSING.normalise(x)).argmax(1)
    return int((found == torch.from_numpy(pictures.labels)).sum())


def test_it_learns_and_tells_how_far_it_is(tmp_path: Path) -> None:
    seen: list[Progress] = []
    net = train(tmp_path, replace(RECIPE, epochs=20, learning_rate=0.1, ema_decay=0.0), report=seen.append)
    assert not net.training
    assert hits(net) >= 58
    assert (seen[0].step, seen[-1].step, seen[-1].steps) == (1, 80, 80)
    assert seen[-1].losses[0] < seen[0].losses[0]


@pytest.mark.parametrize(
    "recipe", [RECIPE, replace(RECIPE, optimiser="sgd", ema_decay=0.0, schedule="poly", mixup=0.2, cutmix=1.0)]
)
def test_a_stopped_training_ends_as_one_that_was_not(tmp_path: Path, recipe: FinetuneRecipe) -> None:
    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.step == 11:
            raise Stop

    (tmp_path / "whole").mkdir()
    (tmp_path / "stopped").mkdir()
    whole = train(tmp_path / "whole", recipe).state_dict()
    with pytest.raises(Stop):
        train(tmp_path / "stopped", recipe, report=stop)
    steps: list[int] = []
    continued = train(tmp_path / "stopped", recipe, report=lambda progress: steps.append(progress.step)).state_dict()
    assert steps[0] == 9  # the third epoch again
    for name, tensor in whole.items():
        assert torch.equal(continued[name], tensor), name


def test_a_teacher_is_learnt_from(tmp_path: Path) -> None:
    def wrong(images: Tensor) -> Tensor:
        """Calls every image red, for sure."""
        return torch.tensor([0.0, 0.0, 20.0]).expand(len(images), 3)

    net = train(tmp_path, replace(RECIPE, epochs=10, teacher_share=1.0), teacher=wrong)
    assert hits(net) == 20


def test_what_cannot_be_trained_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected at least 25, one batch, got 24; add images, or choose a smaller"):
        train(tmp_path, replace(RECIPE, batch=25))

    def infinite(images: Tensor) -> Tensor:
        return torch.full((len(images), 3), torch.inf)

    with pytest.raises(UserError, match=r"the loss of step 1 is nan: .* choose a lower --learning-rate"):
        train(tmp_path, replace(RECIPE, teacher_share=0.5), teacher=infinite)
    train(tmp_path)
    with pytest.raises(UserError, match=r"has other settings: learning_rate: 0\.02 there, 0\.01 now"):
        train(tmp_path, replace(RECIPE, learning_rate=0.01))
    with pytest.raises(UserError, match="architecture: toy there, other now"):
        train(tmp_path, identity={"architecture": "other"})
