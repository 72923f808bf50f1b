"""Small image sets that a network can learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from supernets.finetune.training_images import StoredPictures
from supernets.images.image_sets import ImageSet

COLOURS = {"blue": (30, 60, 220), "green": (40, 200, 60), "red": (220, 50, 40)}


def draw(root: Path, count: int, seed: int, classes: tuple[str, ...] = tuple(COLOURS)) -> Path:
    """A folder with `count` noisy images of one colour for each class."""
    rng = np.random.default_rng(seed)
    for i, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for number in range(count):
            colour = np.array(list(COLOURS.values())[i % len(COLOURS)])
            noise = rng.integers(-30, 31, (32, 32, 3))
            pixels = np.clip(colour + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


def stored(count: int = 12, seed: int = 0) -> StoredPictures:
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % len(COLOURS)
    colours = np.array(list(COLOURS.values()))[labels][:, None, None]
    pixels = np.clip(colours + rng.integers(-30, 31, (count, 16, 16, 3)), 0, 255).astype(np.uint8)
    return StoredPictures(ImageSet.of("toy", pixels, labels, tuple(COLOURS)), np.arange(count))
