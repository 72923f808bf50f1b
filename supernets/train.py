"""Train a weight-sharing supernet: the sandwich rule with in-place distillation, then uniform sampling.

In the first phase each step trains the largest sub-network on the labels, and the smallest and a random one on the mean
of the labels and the largest one's predictions (after Yu & Huang, "Universally Slimmable Networks", ICCV 2019). In the
second each step trains random ones on the labels alone, which is what a search will draw from; where choices share no
weights it begins near one sub-network, because units that never meet the same neighbours twice hardly learn. Every
sub-network reads the same images at a resolution of its own. The state is saved after every epoch; a run that is
started again with the same output continues there. Knows no family: what a sub-network is, its space says.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.families.recipe import Recipe
from supernets.families.registry import build_supernet
from supernets.images.image_sets import ImageSet
from supernets.images.resized_cache import load_folder
from supernets.load import CheckpointMetadata, save_supernet
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture


@dataclass(frozen=True)
class Progress:
    """Where a run is, for a progress bar: `step` of `steps`, and the loss of each sub-network of the step."""

    step: int
    steps: int
    epoch: int
    losses: tuple[float, ...]
    seconds: float


def train_from_folder(
    setting: CheckpointMetadata,
    images: Path,
    out: Path,
    recipe: Recipe,
    cache: Path,
    report: Callable[[Progress], None],
    device: str,
) -> None:
    """Train the network metadatating` on a folder of images and write its weights to `out`.

    The classes of `metadata` are set to the folder's. State for continuing is kept beside `out`.

    Raises:
        UserError: images that cannot be used, or state of a different recipe beside `out`.
    """
    assert setting.stored_side is not None, "training reads stored squares"
    pictures = load_folder(images, setting.stored_side, cache)
    setting = replace(setting, classes=pictures.classes)
    torch.manual_seed(recipe.seed)
    net = build_supernet(setting.supernet, setting.scale, len(setting.classes))
    preprocessing = setting.preprocessing
    train(
        net, pictures, lambda a: net.space.resolution(a) // setting.divisor,
        lambda x: preprocessing.normalise(255 * x), recipe, out.with_suffix(".state"), report, device,
    )  # fmt: skip
    save_supernet(net, setting, out)


def train(
    net: Supernet,
    images: ImageSet,
    side: Callable[[Architecture], int],
    normalise: Callable[[Tensor], Tensor],
    recipe: Recipe,
    checkpoint: Path,
    report: Callable[[Progress], None],
    device: str = "cpu",
) -> None:
    """Train `net` in place; `side` gives the input side in pixels of an architecture.

    Args:
        normalise: from floats in 0..1, `(N, 3, side, side)`, to what the network expects.
        checkpoint: state for continuing; written after every epoch, atomically.

    Raises:
        UserError: fewer images than a batch, or `checkpoint` belongs to a different recipe or different images.
    """
    if len(images) < recipe.batch:
        raise UserError(f"training images: expected at least {recipe.batch}, one batch, got {len(images)}; add images")
    net.to(device=device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    steps = len(images) // recipe.batch
    identity = {"recipe": asdict(recipe), "images": images.hash, "space": net.space.name}
    run = _Run(net, side, normalise, recipe, identity, checkpoint)
    phases = (
        (0, recipe.sandwich_epochs, recipe.sandwich_learning_rate, run.sandwich),
        (recipe.sandwich_epochs, recipe.epochs, recipe.random_learning_rate, run.uniform),
    )
    for first, end, learning_rate, losses_of in phases:
        run.start_phase(recipe, learning_rate, max(1, (end - first) * steps))
        run.restore(first, end)
        for epoch in range(run.epochs, end):
            rng, started, spent = random.Random(f"{recipe.seed}/{epoch}"), time.monotonic(), run.seconds
            for i, (pixels, labels) in enumerate(_batches(images, recipe, epoch)):
                augment = _Augmentation(pixels.to(device), rng)
                done = (epoch - first + i / steps) / (end - first)
                losses = losses_of(augment, labels.to(device), rng, done)
                run.update()
                run.seconds = spent + time.monotonic() - started
                report(Progress(epoch * steps + i + 1, recipe.epochs * steps, epoch, losses, run.seconds))
            run.epochs = epoch + 1
            run.save()


class _Run:
    """The network, its optimiser and how far they have come."""

    def __init__(
        self,
        net: Supernet,
        side: Callable[[Architecture], int],
        normalise: Callable[[Tensor], Tensor],
        recipe: Recipe,
        identity: dict[str, Any],
        checkpoint: Path,
    ) -> None:
        self.epochs = 0
        self.seconds = 0.0
        self._net, self._side, self._normalise = net, side, normalise
        self._identity, self._checkpoint = identity, checkpoint
        self._random_subnets, self._spreading = recipe.random_subnets, recipe.spreading

    def start_phase(self, recipe: Recipe, learning_rate: float, steps: int) -> None:
        """A fresh optimiser and learning rate schedule."""
        self._optimiser = torch.optim.AdamW(_parameter_groups(self._net, recipe), lr=learning_rate)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, learning_rate, total_steps=steps, pct_start=recipe.warmup, cycle_momentum=False
        )

    def update(self) -> None:
        self._optimiser.step()
        self._schedule.step()
        self._optimiser.zero_grad(set_to_none=True)

    def sandwich(self, augment: _Augmentation, labels: Tensor, rng: random.Random, done: float) -> tuple[float, ...]:
        """Accumulate the gradients of the largest, a random and the smallest sub-network."""
        space = self._net.space
        largest, students = space.largest(), [space.sample(rng), space.smallest()]
        # At a random side half of the time, so that the largest network too is trained at all of them.
        side = self._side(largest) if rng.random() < 0.5 else self._side(students[0])
        logits = self._net(self._normalise(augment(side)), largest)
        loss = nn.functional.cross_entropy(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        targets = (logits.detach().softmax(1) + nn.functional.one_hot(labels, logits.shape[1])) / 2
        return (float(loss.detach()), *(self._learn(a, augment, targets) for a in students))

    def uniform(self, augment: _Augmentation, labels: Tensor, rng: random.Random, done: float) -> tuple[float, ...]:
        """Accumulate the gradients of random sub-networks, uniform ones after the recipe's `spreading`."""
        space = self._net.space
        rate = min(1.0, done / self._spreading) if self._spreading else 1.0
        draws = range(self._random_subnets)
        subnets = [space.sample(rng) if rate == 1 else space.mutate(space.smallest(), rng, rate) for _ in draws]
        return tuple(self._learn(a, augment, labels) for a in subnets)

    def _learn(self, a: Architecture, augment: _Augmentation, targets: Tensor) -> float:
        logits = self._net(self._normalise(augment(self._side(a))), a)
        loss = nn.functional.cross_entropy(logits, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def save(self) -> None:
        state = {
            "identity": self._identity,
            "net": self._net.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "epochs": self.epochs,
            "seconds": self.seconds,
        }
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._checkpoint)

    def restore(self, first: int, end: int) -> None:
        """Continue from the checkpoint if it lies beyond the start of this phase.

        Raises:
            UserError: it belongs to a different recipe or different images.
        """
        if not self._checkpoint.exists():
            return
        state = torch.load(self._checkpoint, weights_only=True)
        if state["identity"] != self._identity:
            raise UserError(
                f"checkpoint {self._checkpoint}: expected a run of {self._identity}, got one of {state['identity']}; "
                "choose another --out, or delete the checkpoint to start anew"
            )
        if state["epochs"] <= first:
            return
        self._net.load_state_dict(state["net"])
        self.epochs, self.seconds = state["epochs"], state["seconds"]
        if state["epochs"] < end:
            self._optimiser.load_state_dict(state["optimiser"])
            self._schedule.load_state_dict(state["schedule"])


class _Augmentation:
    """One random flip, shift and zoom for each image, rendered at any side: all sub-networks see the same views."""

    def __init__(self, pixels: Tensor, rng: random.Random) -> None:
        self._pixels = pixels
        draw = torch.Generator().manual_seed(rng.getrandbits(62))
        n = len(pixels)
        zoom = torch.empty(n).uniform_(0.85, 1.05, generator=draw)
        flip = torch.randint(0, 2, (n,), generator=draw) * 2 - 1
        theta = torch.zeros(n, 2, 3)
        theta[:, 0, 0], theta[:, 1, 1] = zoom * flip, zoom
        theta[:, :, 2] = torch.empty(n, 2).uniform_(-0.125, 0.125, generator=draw)
        self._theta = theta.to(pixels.device)

    def __call__(self, side: int) -> Tensor:
        shape = [len(self._pixels), 3, side, side]
        grid = nn.functional.affine_grid(self._theta, shape, align_corners=False)
        views = nn.functional.grid_sample(self._pixels, grid, padding_mode="reflection", align_corners=False)
        return views.contiguous(memory_format=torch.channels_last)


def _batches(images: ImageSet, recipe: Recipe, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(images))
    for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
        indices = np.sort(order[start : start + recipe.batch])
        pixels = torch.from_numpy(np.ascontiguousarray(images.pixels[indices].transpose(0, 3, 1, 2)))
        yield pixels.float() / 255, torch.from_numpy(images.labels[indices])


def _parameter_groups(net: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
