"""Training images, augmented by timm's transforms: RGB from 0 to 1.

Notable: the random numbers of an image follow from the seed, the epoch and its index alone, so a training that goes on
after a stop reads what an uninterrupted one reads, whatever the number of processes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from common.errors import UserError
from supernets.finetune.finetune_recipe import FinetuneRecipe
from supernets.images.decoding import UnreadableImage, read_rgb
from supernets.images.full_size import Listing
from supernets.images.image_sets import ImageSet

_MOST_PROCESSES = 8


class Pictures(Protocol):
    """Labelled images that are read one by one."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """`(N,)`."""

    @property
    def hash(self) -> str:
        """Of what decides a training on them."""

    def picture(self, index: int) -> Image.Image:
        """An image in RGB."""


@dataclass(frozen=True)
class StoredPictures:
    """Images that are stored as squares of one size."""

    images: ImageSet
    rows: NDArray[np.int64]
    """Rows of the images that are used."""

    @property
    def labels(self) -> NDArray[np.int64]:
        return self.images.labels[self.rows]

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.images.hash}|{self.rows.tobytes().hex()}".encode()).hexdigest()

    def picture(self, index: int) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(self.images.pixels[self.rows[index]]))


@dataclass(frozen=True)
class ListedPictures:
    """Images that are decoded from their files whenever they are read."""

    listing: Listing

    @property
    def labels(self) -> NDArray[np.int64]:
        return self.listing.labels

    @property
    def hash(self) -> str:
        """Of names and labels: hashing the content of a million files would take longer than some trainings."""
        names = json.dumps([*self.listing.files, self.labels.tolist()])
        return hashlib.sha256(names.encode()).hexdigest()

    def picture(self, index: int) -> Image.Image:
        file = self.listing.files[index]
        try:
            return read_rgb(io.BytesIO(self.listing.source.read(file)))
        except (UnreadableImage, OSError) as error:
            raise UserError(
                f"training image {self.listing.source.root / file}: expected an image, got one that cannot be read "
                f"({error}); remove it, and repeat the command"
            ) from None


class AugmentedPictures(Dataset[tuple[Tensor, int]]):
    """Augmented images `(3, side, side)` of one epoch, with their labels."""

    def __init__(self, pictures: Pictures, recipe: FinetuneRecipe, side: int, epoch: int) -> None:
        from timm.data.transforms_factory import create_transform

        self._pictures, self._labels = pictures, pictures.labels
        self._seed = f"{recipe.seed}/{epoch}"
        self._transform = create_transform(
            side, is_training=True, scale=(recipe.smallest_crop, 1.0), color_jitter=recipe.color_jitter,
            auto_augment=recipe.auto_augment or None, interpolation="bicubic", normalize=False,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        seed = random.Random(f"{self._seed}/{index}").getrandbits(32)
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        found = self._transform(self._pictures.picture(index))
        pixels = found if isinstance(found, Tensor) else torch.from_numpy(np.asarray(found))
        return (pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels), int(self._labels[index])


def epoch_batches(pictures: Pictures, recipe: FinetuneRecipe, side: int, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Whole batches of one epoch in random order: images `(batch, 3, side, side)` and labels `(batch,)`."""
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(pictures.labels))
    starts = range(0, len(order) - recipe.batch + 1, recipe.batch)
    loader = DataLoader(
        AugmentedPictures(pictures, recipe, side, epoch),
        batch_sampler=[order[start : start + recipe.batch].tolist() for start in starts],
        num_workers=min(_MOST_PROCESSES, max(1, (os.cpu_count() or 1) - 1)),
        pin_memory=torch.cuda.is_available(),
    )
    yield from loader
