"""Train a weight-sharing supernet: a seed, the sandwich rule with in-place distillation, then uniform sampling.

A run has up to three phases; a recipe leaves out those with no epochs. In the first, each step trains one sub-network,
the seed, from which the weights of all others then start. In the second, each step trains the largest sub-network on
the labels, and the smallest and a random one on the mean of the labels and the largest one's predictions (after
Yu & Huang, "Universally Slimmable Networks", ICCV 2019). In the third, each step trains random sub-networks on the
labels alone, which are those that a search samples. All sub-networks of a step read the same images, each at its own
resolution. The state is saved after every epoch; a run with the same output continues from it. The module handles
every family alike: the search space defines the sub-networks.

Notable: each batch is cut into shards with their own sub-networks, random numbers and batch norm statistics, so the
result does not depend on the number of processes that share them. Running averages of batch norms are those of the
first process; scoring calibrates them again.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Recipe
from supernets.families.registry import supernet_family
from supernets.images.image_sets import ImageSet
from supernets.images.resized_cache import load_folder
from supernets.images.sketch import Sketch
from supernets.load import CheckpointMetadata, save_supernet
from supernets.network.supernet import Supernet
from supernets.recorded_steps import recorded_steps
from supernets.space.architecture import Architecture
from supernets.training_processes import WorkerGroup, open_worker_group
from supernets.training_state import read_state, write_state

_ALONE = WorkerGroup()
_SMALLEST_SIDE = 8
"""Fewest pixels a side that a network is trained on."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """State of a run, for a progress bar."""

    step: int
    """Number of steps that are done, in all phases."""
    steps: int
    """Number of steps of the whole run."""
    epoch: int
    losses: tuple[float, ...]
    """Loss of each sub-network of the step, as a mean over the shards of this process."""
    seconds: float
    """Training time, including that of earlier processes that this run continues."""
    images_per_second: float
    """Images of all processes per second since this process began the epoch."""


def train_from_folder(
    supernet: str,
    metadata: CheckpointMetadata,
    images: Path,
    out: Path,
    *,
    recipe: Recipe,
    cache: Path,
    report: Callable[[Progress], None],
    device: str,
    workers: int = 1,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Train the network that `metadata` describes on a folder of images, and write its weights to `out`.

    The classes of `metadata` are replaced by those of the folder. The state for continuing is saved beside `out`.

    Args:
        supernet: the family, as a user names it.
        workers: number of processes that share each batch, on a CPU; if it does not divide the recipe's shards, a batch
            has as many shards as there are workers.
        note: called with sentences on images that were left out.

    Raises:
        UserError: images or an output that cannot be used, a number of workers that does not divide the batch, or the
            state of a different training beside `out`.
    """
    assert metadata.stored_side is not None, "training reads images stored at one size"
    _check(supernet_family(supernet), metadata, out, recipe)
    if workers < 1 or recipe.batch % workers:
        raise UserError(
            f"--workers: expected a divisor of the batch, {recipe.batch}; got {workers}; choose another number"
        )
    if workers > 1 and device != "cpu":
        raise UserError(f"--workers: expected 1 on {device}, got {workers}; leave the option out, or add --device cpu")
    if recipe.shards % workers:
        recipe = replace(recipe, shards=workers)
    loaded = load_folder(images, metadata.stored_side, cache)
    for text in loaded.notes:
        note(text)
    metadata = replace(metadata, classes=loaded.classes, trained_on=Sketch.of(loaded.digests).text)
    work = partial(_train_network, supernet, metadata, images, out, recipe=recipe, cache=cache, device=device)
    with open_worker_group(workers, partial(work, report=_ignore)) as group:
        net = work(group, report=report)
    save_supernet(net, metadata, out)


def _check(family: SupernetFamily, metadata: CheckpointMetadata, out: Path, recipe: Recipe) -> None:
    """
    Raises:
        UserError: a number that no training can have, or a file that could not be written after it.
    """
    if metadata.width is not None and not 0 < metadata.width <= 4:
        raise UserError(f"--width: expected a number above 0 and up to 4, got {metadata.width:g}")
    space = family.space()
    side = space.resolution(space.smallest()) // metadata.divisor if metadata.divisor > 0 else 0
    if side < _SMALLEST_SIDE:
        largest = space.resolution(space.smallest()) // _SMALLEST_SIDE
        raise UserError(
            f"--divisor: expected 1 to {largest} (inputs of {_SMALLEST_SIDE} pixels or more), got {metadata.divisor}"
        )
    assert metadata.stored_side is not None
    if metadata.stored_side < _SMALLEST_SIDE:
        raise UserError(f"--stored-side: expected {_SMALLEST_SIDE} pixels or more, got {metadata.stored_side}")
    phases = (recipe.seed_epochs, recipe.sandwich_epochs, recipe.random_epochs)
    if min(phases) < 0 or not any(phases):
        raise UserError(
            "--seed-epochs, --sandwich-epochs, --random-epochs: expected 0 or more each and at least one epoch in all, "
            f"got {', '.join(map(str, phases))}"
        )
    if out.suffix != ".safetensors":
        raise UserError(f"--out: expected a name that ends in .safetensors, got {out}")
    if out.is_dir() or not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        found = "a folder of that name" if out.is_dir() else "no folder to write in"
        raise UserError(
            f"--out: expected a file in a folder that can be written, got {out}: {found}; make the folder first"
        )


def _train_network(
    supernet: str,
    metadata: CheckpointMetadata,
    images: Path,
    out: Path,
    group: WorkerGroup,
    *,
    recipe: Recipe,
    cache: Path,
    report: Callable[[Progress], None],
    device: str,
) -> Supernet:
    assert metadata.stored_side is not None
    torch.manual_seed(recipe.seed)
    family = supernet_family(supernet)  # workers find it by its name
    net = family.network(metadata.scale, len(metadata.classes))
    preprocessing = metadata.adapt(family)
    train(
        net, load_folder(images, metadata.stored_side, cache),
        side=lambda a: net.space.resolution(a) // metadata.divisor,
        normalise=lambda x: preprocessing.normalise(255 * x),
        recipe=recipe, checkpoint=out.with_suffix(".state"), report=report, device=device, group=group,
        setting={"width": metadata.width, "divisor": metadata.divisor, "stored_side": metadata.stored_side},
    )  # fmt: skip
    return net


def _ignore(progress: Progress) -> None:
    """Callback of the processes other than the first, which alone reports progress."""


def train(
    net: Supernet,
    images: ImageSet,
    *,
    side: Callable[[Architecture], int],
    normalise: Callable[[Tensor], Tensor],
    recipe: Recipe,
    checkpoint: Path,
    report: Callable[[Progress], None],
    setting: Mapping[str, object] | None = None,
    device: str = "cpu",
    group: WorkerGroup = _ALONE,
) -> None:
    """Train `net` in place.

    Args:
        side: gives the input side of an architecture, in pixels.
        normalise: from floats in 0..1, `(N, 3, side, side)`, to what the network expects.
        checkpoint: file of the state for continuing, replaced in one step after every epoch.
        setting: what else decides the result, by name, such as the width of the network.
        group: the processes that call this function with equal arguments.

    Raises:
        UserError: fewer images than a batch, or `checkpoint` is damaged or belongs to a different training.
    """
    if len(images) < recipe.batch:
        raise UserError(f"training images: expected at least {recipe.batch}, one batch, got {len(images)}; add images")
    net.to(device=device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    steps = len(images) // recipe.batch
    source = _Source(images, torch.device(device))
    identity = {"supernet": net.space.name, **(setting or {}), **asdict(recipe), "images": images.hash}
    run = _Run(
        net, side=side, normalise=normalise, recipe=recipe, classes=len(images.classes), identity=identity,
        checkpoint=checkpoint, group=group,
    )  # fmt: skip
    random_start = recipe.seed_epochs + recipe.sandwich_epochs
    phases = (
        (0, recipe.seed_epochs, recipe.seed_learning_rate, run.seed),
        (recipe.seed_epochs, random_start, recipe.sandwich_learning_rate, run.sandwich),
        (random_start, recipe.epochs, recipe.random_learning_rate, run.uniform),
    )
    for first, end, learning_rate, losses_of in phases:
        run.start_phase(recipe, learning_rate, max(1, (end - first) * steps))
        run.restore(first, end)
        for epoch in range(run.epochs, end):
            started, spent = time.monotonic(), run.seconds
            for i, shards in enumerate(_batches(images, recipe, epoch)):
                place = max(first, epoch - epoch % recipe.pool_epochs) if recipe.pool else epoch + i / steps
                run.draw_at(epoch // recipe.pool_epochs, (place - first) / (end - first))
                losses = []
                for shard in group.shards(recipe.shards):
                    rng = random.Random(f"{recipe.seed}/{epoch}/{i}/{shard}")
                    torch.manual_seed(rng.getrandbits(62))  # For dropout.
                    pixels, labels = source.read(shards[shard])
                    losses.append(torch.stack(losses_of(_Augmentation(pixels, rng), labels, rng)))
                run.update()
                took = time.monotonic() - started
                run.seconds = spent + took
                report(
                    Progress(
                        step=epoch * steps + i + 1,
                        steps=recipe.epochs * steps,
                        epoch=epoch,
                        losses=tuple(torch.stack(losses).mean(0).tolist()),
                        seconds=run.seconds,
                        images_per_second=(i + 1) * recipe.batch / took,
                    )
                )
            run.epochs = epoch + 1
            if group.rank == 0:
                run.save()
        if losses_of == run.seed and recipe.seed_epochs:
            net.start_from(net.seed_architecture())


class _Run:
    """The network and its optimiser, with the numbers of epochs and seconds that they were trained."""

    def __init__(
        self,
        net: Supernet,
        *,
        side: Callable[[Architecture], int],
        normalise: Callable[[Tensor], Tensor],
        recipe: Recipe,
        classes: int,
        identity: dict[str, Any],
        checkpoint: Path,
        group: WorkerGroup,
    ) -> None:
        self.epochs = 0
        self.seconds = 0.0
        self._net, self._side, self._normalise = net, side, normalise
        self._identity, self._checkpoint = identity, checkpoint
        self._recipe, self._classes, self._group = recipe, classes, group
        self._share = 1 / recipe.shards
        self._recorded = recorded_steps(net, self._share)
        self._block, self._rate = 0, 1.0

    def start_phase(self, recipe: Recipe, learning_rate: float, steps: int) -> None:
        """Create a new optimiser and learning rate schedule."""
        groups = _parameter_groups(self._net, recipe)
        # One kernel for many tensors, where launching kernels takes longer than their work.
        self._optimiser = torch.optim.AdamW(groups, lr=learning_rate, fused=self._recorded is not None)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, learning_rate, total_steps=steps, pct_start=recipe.warmup, cycle_momentum=False
        )

    def draw_at(self, block: int, done: float) -> None:
        """Set what decides from which sub-networks the next step draws: the number of the pool, if there are pools, and
        the share of the phase that is done."""
        self._block = block
        self._rate = min(1.0, done / self._recipe.spreading) if self._recipe.spreading else 1.0

    def update(self) -> None:
        """Take a step with the gradients accumulated in all processes."""
        if self._recorded:
            self._recorded.hand_over()
        self._group.sum_gradients(list(self._net.parameters()))
        self._optimiser.step()
        self._schedule.step()
        self._optimiser.zero_grad(set_to_none=True)
        if self._recorded:
            self._recorded.clear()

    def seed(self, augment: _Augmentation, labels: Tensor, rng: random.Random) -> tuple[Tensor, ...]:
        """Accumulate the gradients of the seed; like the other phases, return the loss of each sub-network."""
        return (self._learn(self._net.seed_architecture(), augment, labels)[0],)

    def sandwich(self, augment: _Augmentation, labels: Tensor, rng: random.Random) -> tuple[Tensor, ...]:
        """Accumulate the gradients of the largest, a random and the smallest sub-network."""
        space = self._net.space
        largest, students = space.largest(), [self._draw(rng, 1.0), space.smallest()]
        # At a random side half of the time, so that the largest network too is trained at all of them.
        side = self._side(largest) if rng.random() < 0.5 else self._side(students[0])
        loss, logits = self._learn(largest, augment, labels, side)
        targets = (logits.softmax(1) + nn.functional.one_hot(labels, logits.shape[1])) / 2
        return (loss, *(self._learn(a, augment, targets)[0] for a in students))

    def uniform(self, augment: _Augmentation, labels: Tensor, rng: random.Random) -> tuple[Tensor, ...]:
        """Accumulate the gradients of random sub-networks, uniform ones after the recipe's `spreading`."""
        subnets = [self._draw(rng, self._rate) for _ in range(self._recipe.random_subnets)]
        return tuple(self._learn(a, augment, labels)[0] for a in subnets)

    def _draw(self, rng: random.Random, rate: float) -> Architecture:
        """A random sub-network, of the pool if there is one: near the smallest, and uniform if `rate` is 1."""
        space, pool = self._net.space, self._recipe.pool
        if pool:
            rng = random.Random(f"{self._recipe.seed}/{self._block}/{rng.randrange(pool)}")
        return space.sample(rng) if rate == 1 else space.mutate(space.smallest(), rng, rate)

    def _learn(
        self, a: Architecture, augment: _Augmentation, targets: Tensor, side: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Accumulate the gradients of a sub-network; returns its loss and logits."""
        x = self._normalise(augment(side or self._side(a)))
        if self._recorded:
            if targets.ndim == 1:
                targets = nn.functional.one_hot(targets, self._classes).float()
            return self._recorded.learn(a, x, targets)
        logits = self._net(x, a)
        loss = nn.functional.cross_entropy(logits, targets)
        (loss * self._share).backward()  # type: ignore[no-untyped-call]
        return loss.detach(), logits.detach()

    def save(self) -> None:
        state = {
            "identity": self._identity,
            "net": self._net.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "epochs": self.epochs,
            "seconds": self.seconds,
        }
        write_state(self._checkpoint, state)

    def restore(self, first: int, end: int) -> None:
        """Continue from the checkpoint if it was saved after the start of this phase.

        Raises:
            UserError: it is damaged, or belongs to a different training.
        """
        state = read_state(self._checkpoint, self._identity)
        if state is None or state["epochs"] <= first:
            return
        self._net.load_state_dict(state["net"])
        self.epochs, self.seconds = state["epochs"], state["seconds"]
        if state["epochs"] < end:
            self._optimiser.load_state_dict(state["optimiser"])
            self._schedule.load_state_dict(state["schedule"])


class _Augmentation:
    """One random flip, shift and zoom for each image, rendered at any side: all sub-networks read the same views."""

    def __init__(self, pixels: Tensor, rng: random.Random) -> None:
        self._pixels = pixels
        draw = torch.Generator().manual_seed(rng.getrandbits(62))
        n = len(pixels)
        zoom = torch.empty(n).uniform_(0.85, 1.05, generator=draw)
        flip = torch.randint(0, 2, (n,), generator=draw) * 2 - 1
        theta = torch.zeros(n, 2, 3)
        theta[:, 0, 0], theta[:, 1, 1] = zoom * flip, zoom
        theta[:, :, 2] = torch.empty(n, 2).uniform_(-0.125, 0.125, generator=draw)
        self._theta = _send(theta, pixels.device)
        self._views: dict[int, Tensor] = {}

    def __call__(self, side: int) -> Tensor:
        if side not in self._views:
            self._views[side] = self._render(side)
        return self._views[side]

    def _render(self, side: int) -> Tensor:
        shape = [len(self._pixels), 3, side, side]
        grid = nn.functional.affine_grid(self._theta, shape, align_corners=False)
        views = nn.functional.grid_sample(self._pixels, grid, padding_mode="reflection", align_corners=False)
        return views.contiguous(memory_format=torch.channels_last)


def _batches(images: ImageSet, recipe: Recipe, epoch: int) -> Iterator[list[np.ndarray]]:
    """The indices of each batch, cut into shards."""
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(images))
    for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
        yield [np.sort(shard) for shard in np.split(order[start : start + recipe.batch], recipe.shards)]


class _Source:
    """Images on the device of the network; on CUDA all of them are sent once, as bytes."""

    def __init__(self, images: ImageSet, device: torch.device) -> None:
        self._images, self._device = images, device
        self._sent: tuple[Tensor, Tensor] | None = None
        if device.type == "cuda":
            pixels = torch.from_numpy(np.array(images.pixels)).to(device)
            self._sent = pixels, torch.from_numpy(images.labels).to(device)

    def read(self, indices: np.ndarray) -> tuple[Tensor, Tensor]:
        """Pixels from 0 to 1, `(n, 3, side, side)`, and labels `(n,)`."""
        if self._sent is None:
            pixels, labels = (
                torch.from_numpy(self._images.pixels[indices]),
                torch.from_numpy(self._images.labels[indices]),
            )
        else:
            rows = _send(torch.from_numpy(indices), self._device)
            pixels, labels = self._sent[0][rows], self._sent[1][rows]
        return pixels.permute(0, 3, 1, 2).contiguous().float() / 255, labels


def _send(x: Tensor, device: torch.device) -> Tensor:
    """`x` on the device, without waiting for it."""
    return x if device.type == "cpu" else x.pin_memory().to(device, non_blocking=True)


def _parameter_groups(net: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
