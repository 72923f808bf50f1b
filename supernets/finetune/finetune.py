"""The training loop of fine-tuning, on timm's optimisers, schedules, Mixup and moving averages.

Notable: the state is saved after every epoch, and random numbers follow from the seed and the step alone, so a training
that was stopped ends as one that was not.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.finetune.finetune_recipe import FinetuneRecipe
from supernets.finetune.training_images import Pictures, epoch_batches
from supernets.images.preprocessing import Preprocessing
from supernets.train import Progress
from supernets.training_state import read_state, write_state

Teacher = Callable[[Tensor], Tensor]
"""From images `(N, 3, side, side)`, RGB from 0 to 1, to logits `(N, classes)`."""


def train_on(
    net: nn.Module,
    pictures: Pictures,
    *,
    recipe: FinetuneRecipe,
    preprocessing: Preprocessing,
    side: int,
    classes: int,
    teacher: Teacher | None,
    checkpoint: Path,
    identity: Mapping[str, Any],
    report: Callable[[Progress], None],
    device: str,
) -> nn.Module:
    """Train `net`, which reads normalised images, and return the result in inference mode on the CPU.

    Args:
        preprocessing: how images become inputs of `net`.
        side: of the images that `net` reads, in pixels.
        classes: number of logits.
        checkpoint: file of the state for continuing, replaced in one step after every epoch.
        identity: what else decides the result, by name.

    Raises:
        UserError: fewer images than a batch, a loss that is not finite, an image that cannot be read, or the state of
            another training in `checkpoint`.
    """
    steps = len(pictures.labels) // recipe.batch
    if not steps:
        raise UserError(
            f"training images: expected at least {recipe.batch}, one batch, got {len(pictures.labels)}; add images, or "
            "choose a smaller --batch"
        )
    whole = {**identity, **asdict(recipe), "teacher": teacher is not None, "images": pictures.hash, "side": side}
    net = net.to(device=device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    training = _Training(net, recipe, steps, classes, teacher if recipe.teacher_share else None)
    done, spent = training.restore(checkpoint, whole)
    for epoch in range(done, recipe.epochs):
        started = time.monotonic()
        for i, (images, labels) in enumerate(epoch_batches(pictures, recipe, side, epoch)):
            step = epoch * steps + i
            loss = training.step(step, images.to(device), labels.to(device), preprocessing)
            took = time.monotonic() - started
            report(
                Progress(
                    step=step + 1, steps=recipe.epochs * steps, epoch=epoch, losses=(loss,), seconds=spent + took,
                    images_per_second=(i + 1) * recipe.batch / took,
                )
            )  # fmt: skip
        spent += time.monotonic() - started
        training.save(checkpoint, whole, epoch + 1, spent)
    return training.result()


class _Training:
    """A network, its optimiser and schedule, and the moving average of its weights."""

    def __init__(
        self, net: nn.Module, recipe: FinetuneRecipe, steps: int, classes: int, teacher: Teacher | None
    ) -> None:
        from timm.data.mixup import Mixup
        from timm.optim._optim_factory import create_optimizer_v2
        from timm.scheduler.scheduler_factory import create_scheduler_v2
        from timm.utils.model_ema import ModelEmaV3

        self._net, self._recipe, self._classes, self._teacher = net, recipe, classes, teacher
        self._optimiser = create_optimizer_v2(
            net, opt=recipe.optimiser, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, momentum=0.9
        )
        self._schedule, _ = create_scheduler_v2(
            self._optimiser, sched=recipe.schedule, num_epochs=recipe.epochs, warmup_epochs=recipe.warmup_epochs,
            warmup_lr=recipe.learning_rate / 100, decay_rate=1.0, step_on_epochs=False, updates_per_epoch=steps,
        )  # fmt: skip
        self._average = ModelEmaV3(net, decay=recipe.ema_decay, use_warmup=True) if recipe.ema_decay else None
        self._mix = None
        if recipe.mixup or recipe.cutmix:
            self._mix = Mixup(  # type: ignore[no-untyped-call]
                recipe.mixup, recipe.cutmix, label_smoothing=recipe.label_smoothing, num_classes=classes
            )

    def step(self, step: int, images: Tensor, labels: Tensor, preprocessing: Preprocessing) -> float:
        """Learn a batch, and return its loss."""
        seed = random.Random(f"{self._recipe.seed}/{step}").getrandbits(32)
        torch.manual_seed(seed)  # for dropout
        self._schedule.step_update(step)
        targets = self._targets(images, labels, seed)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=images.device.type == "cuda"):
            x = preprocessing.normalise(255 * images).contiguous(memory_format=torch.channels_last)
            logits = self._net(x).float()
        loss = nn.functional.cross_entropy(logits, targets)
        shown = float(loss.detach())
        if not np.isfinite(shown):
            raise UserError(
                f"the loss of step {step + 1} is {shown}: expected a finite number; choose a lower --learning-rate"
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        if self._average is not None:
            self._average.update(self._net, step)
        return shown

    def _targets(self, images: Tensor, labels: Tensor, seed: int) -> Tensor:
        """Probabilities `(N, classes)` to learn; mixes `images` in place if the recipe does."""
        recipe = self._recipe
        if self._mix is not None:
            np.random.seed(seed)
            targets: Tensor = self._mix(images, labels)[1]
        else:
            targets = nn.functional.one_hot(labels, self._classes) * (1 - recipe.label_smoothing)
            targets = targets + recipe.label_smoothing / self._classes
        if self._teacher is None:
            return targets
        with torch.no_grad():
            taught = self._teacher(images).float().softmax(1)
        return (1 - recipe.teacher_share) * targets + recipe.teacher_share * taught

    def save(self, path: Path, identity: Mapping[str, Any], epochs: int, seconds: float) -> None:
        state = {
            "identity": dict(identity), "net": self._net.state_dict(), "optimiser": self._optimiser.state_dict(),
            "schedule": {}, "epochs": epochs, "seconds": seconds,
        }  # fmt: skip
        if self._average is not None:
            state["average"] = self._average.module.state_dict()
        write_state(path, state)

    def restore(self, path: Path, identity: Mapping[str, Any]) -> tuple[int, float]:
        """Continue from a saved state, if there is one; the epochs and seconds of it.

        Raises:
            UserError: it is damaged, or belongs to another training.
        """
        state = read_state(path, identity)
        if state is None:
            return 0, 0.0
        self._net.load_state_dict(state["net"])
        self._optimiser.load_state_dict(state["optimiser"])
        if self._average is not None:
            self._average.module.load_state_dict(state["average"])
        return state["epochs"], state["seconds"]

    def result(self) -> nn.Module:
        net = self._net if self._average is None else self._average.module
        return copy.deepcopy(net).cpu().eval()
