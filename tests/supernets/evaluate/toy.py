"""Small networks and images on which evaluators are tested."""

from __future__ import annotations

import random
from typing import TypedDict

import numpy as np
import torch

from supernets.evaluate.protocol import Calibration
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, supernet_family
from supernets.images.image_sets import ImageSet, Splits
from supernets.images.preprocessing import Preprocessing
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

CLASSES = tuple("abcd")
SCALES = {
    "ofa": Scale(0.1, 4),
    "ofa-proxyless": Scale(0.1, 4),
    "ofa-resnet50": Scale(0.1, 4),
    "spos": Scale(0.25, 5),
    "autoformer": Scale(0.25, 7),
}
"""One network of each kind, at a size at which it is quick."""


class Prepared(TypedDict):
    preprocessing: Preprocessing
    calibration: Calibration | None


def prepared(name: str) -> Prepared:
    """How an evaluator prepares images and batch norms for `network(name)`."""
    divisor = SCALES[name].divisor
    return {
        "preprocessing": Preprocessing(divisor=divisor, crop=1.0),
        "calibration": supernet_family(name).calibration(divisor),
    }


def random_images(count: int, seed: int) -> ImageSet:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    # Classes differ by brightness, so that scores are neither chance nor perfect.
    pixels = rng.integers(0, 120, (count, 32, 32, 3)) + 40 * labels[:, None, None, None]
    digests = np.arange(count, dtype=np.uint64) + np.uint64(seed * 10_000)
    return ImageSet(
        name="toy", pixels=pixels.astype(np.uint8), labels=labels, digests=digests, classes=CLASSES, hash=f"hash{seed}"
    )


def random_splits() -> Splits:
    return Splits(calibrate=random_images(40, 1), search=random_images(60, 2), report=random_images(60, 3))


def network(name: str) -> Supernet:
    """As a trained network would be: with initial zeros in the last batch norms, most blocks would do nothing."""
    torch.manual_seed(0)
    net = build_supernet(name, SCALES[name], len(CLASSES))
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.ndim == 1:
                parameter.uniform_(0.5, 1.5)
    return net


def generation(net: Supernet, count: int, seed: int = 0) -> list[Architecture]:
    """A parent's mutants, as an evolutionary search proposes them."""
    rng = random.Random(seed)
    parent = net.space.sample(rng)
    return [net.space.mutate(parent, rng, 0.1) for _ in range(count)]
