"""Train a weight-sharing supernet: the sandwich rule with in-place distillation.

Each step trains three or more sub-networks on the same images and adds up their gradients: the largest on the
labels, the smallest and some random ones on the mean of the labels and the largest one's predictions (after Yu &
Huang, "Universally Slimmable Networks", ICCV 2019), each at a resolution of its own. The state is saved after every
epoch; a run that is started again with the same output continues there. Knows no family: what a sub-network is, its
space says.
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

from errors import UserError
from supernets.images import ImageSet, load_folder
from supernets.loading import Setting, save_supernet
from supernets.modules import Supernet
from supernets.registry import build_supernet
from supernets.space import Architecture


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run produces."""

    epochs: int = 12
    batch: int = 128
    random_subnets: int = 1
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: float = 0.05
    """Share of all steps over which the learning rate rises; it falls along a cosine after that."""
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    """Where a run is, for a progress bar: `step` of `steps`, losses of the largest and the smallest."""

    step: int
    steps: int
    epoch: int
    loss_largest: float
    loss_smallest: float
    seconds: float


def train_from_folder(
    setting: Setting,
    images: Path,
    out: Path,
    recipe: Recipe,
    cache: Path,
    report: Callable[[Progress], None],
    device: str,
) -> None:
    """Train the network of `setting` on a folder of images and write its weights to `out`.

    The classes of `setting` are set to the folder's. State for continuing is kept beside `out`.

    Raises:
        UserError: images that cannot be used, or state of a different recipe beside `out`.
    """
    pictures = load_folder(images, setting.stored_side, cache)
    setting = replace(setting, classes=pictures.classes)
    torch.manual_seed(recipe.seed)
    net = build_supernet(setting.supernet, setting.width, len(setting.classes))
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
        UserError: `checkpoint` belongs to a different recipe or different images.
    """
    net.to(device=device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    steps = len(images) // recipe.batch
    optimiser = torch.optim.AdamW(_parameter_groups(net, recipe), lr=recipe.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        recipe.learning_rate,
        total_steps=recipe.epochs * steps,
        pct_start=recipe.warmup,
        cycle_momentum=False,
    )
    identity = {"recipe": asdict(recipe), "images": images.hash, "space": net.space.name}
    first_epoch, spent = _restore(checkpoint, identity, net, optimiser, schedule)
    for epoch in range(first_epoch, recipe.epochs):
        rng = random.Random(f"{recipe.seed}/{epoch}")
        started = time.monotonic()
        for i, (pixels, labels) in enumerate(_batches(images, recipe, epoch)):
            augment = _Augmentation(pixels.to(device), rng)
            subnets = [net.space.sample(rng) for _ in range(recipe.random_subnets)]
            losses = _sandwich(net, subnets, augment, labels.to(device), side, normalise, recipe, rng)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            seconds = spent + time.monotonic() - started
            report(Progress(epoch * steps + i + 1, recipe.epochs * steps, epoch, *losses, seconds))
        spent += time.monotonic() - started
        _save(checkpoint, identity, net, optimiser, schedule, epoch + 1, spent)


def _sandwich(
    net: Supernet,
    subnets: list[Architecture],
    augment: _Augmentation,
    labels: Tensor,
    side: Callable[[Architecture], int],
    normalise: Callable[[Tensor], Tensor],
    recipe: Recipe,
    rng: random.Random,
) -> tuple[float, float]:
    """Accumulate the gradients of one step; the losses of the largest and the smallest sub-network."""
    largest, smallest = net.space.largest(), net.space.smallest()
    # The largest network takes the place of a random one's resolution half of the time: all sides get trained wide.
    teacher_side = side(largest) if rng.random() < 0.5 else side(subnets[0])
    logits = net(normalise(augment(teacher_side)), largest)
    loss = nn.functional.cross_entropy(logits, labels)
    loss.backward()  # type: ignore[no-untyped-call]
    targets = (logits.detach().softmax(1) + nn.functional.one_hot(labels, logits.shape[1])) / 2
    last = 0.0
    for subnet in [*subnets, smallest]:
        student = nn.functional.cross_entropy(net(normalise(augment(side(subnet))), subnet), targets)
        student.backward()  # type: ignore[no-untyped-call]
        last = float(student.detach())
    return float(loss.detach()), last


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


def _save(
    path: Path, identity: dict[str, Any], net: nn.Module, optimiser: Any, schedule: Any, epochs: int, seconds: float
) -> None:
    state = {
        "identity": identity,
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "epochs": epochs,
        "seconds": seconds,
    }
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def _restore(path: Path, identity: dict[str, Any], net: nn.Module, optimiser: Any, schedule: Any) -> tuple[int, float]:
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    if state["identity"] != identity:
        raise UserError(
            f"checkpoint {path}: expected a run of {identity}, got one of {state['identity']}; "
            "choose another output, or delete the checkpoint to start anew"
        )
    net.load_state_dict(state["net"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return state["epochs"], state["seconds"]
