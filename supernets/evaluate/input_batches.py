"""From stored bytes to what a network reads; prepared once for each side where memory allows, on the device.

Notable: bytes are what is kept and what travels to a GPU, a quarter of what the network reads; normalising is left to
the device. Nothing here waits for a GPU, so that it computes while the next batch is read.
A `FullSizeSet` brings the crops of every side. Of an `ImageSet` all sides are resized from its one stored square.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from supernets.images.full_size import FullSizeSet
from supernets.images.image_sets import Images, ImageSet, Indices, iterate_batches
from supernets.images.preprocessing import Preprocessing

PREPARED_BYTES = 2**29
"""Most memory that the images of one split and side may take on the CPU; larger ones are prepared batch by batch."""


class Inputs:
    """The images of one split as network inputs at any side, on one device."""

    def __init__(self, images: Images, preprocessing: Preprocessing, device: torch.device) -> None:
        self.images = images
        self.labels = torch.from_numpy(images.labels).to(device)
        self._preprocessing = preprocessing
        self._device = device
        self._prepared: dict[int, Tensor] = {}

    def batches(
        self, resolution: int, batch: int, count: int | None = None, order: Indices | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Normalised `(n, 3, side, side)`, channels last, and labels `(n,)`, for the first `count` images.

        Args:
            order: rows of the images as they are wanted; as they stand if None.
        """
        side = resolution // self._preprocessing.divisor
        total = len(self.images) if count is None else count
        prepared = self._prepare(side)
        for part in iterate_batches(total, batch):
            rows = part if order is None else order[part]
            stored = prepared[rows] if prepared is not None else self._send(self._bytes(rows, side))
            x = self._preprocessing.normalise(stored)
            yield x.contiguous(memory_format=torch.channels_last), self.labels[rows]

    def _prepare(self, side: int) -> Tensor | None:
        """All images on the device, `(N, 3, side, side)` bytes, if there is room for them."""
        if side not in self._prepared:
            shape = (len(self.images), 3, side, side)
            if math.prod(shape) > _room(self._device):
                return None
            prepared = torch.empty(shape, dtype=torch.uint8, device=self._device, memory_format=torch.channels_last)
            for part in iterate_batches(len(self.images), 512):
                prepared[part] = self._bytes(part, side)
            self._prepared[side] = prepared
        return self._prepared[side]

    def _send(self, stored: Tensor) -> Tensor:
        if self._device.type == "cpu":
            return stored
        return stored.pin_memory().to(self._device, non_blocking=True)

    def _bytes(self, rows: slice | Indices, side: int) -> Tensor:
        """Bytes `(n, 3, side, side)` of the centre crop, channels last."""
        if isinstance(self.images, FullSizeSet):
            return torch.from_numpy(self.images.read(side, rows)).permute(0, 3, 1, 2)
        assert isinstance(self.images, ImageSet)
        return self._resize(self.images, rows, side).contiguous(memory_format=torch.channels_last)

    def _resize(self, images: ImageSet, rows: slice | Indices, side: int) -> Tensor:
        # A copy, because the stored pixels are a read-only map.
        x = torch.from_numpy(np.array(images.pixels[rows])).permute(0, 3, 1, 2)
        kept = round(images.side * self._preprocessing.crop)
        start = (images.side - kept) // 2
        x = x[:, :, start : start + kept, start : start + kept]
        if kept == side:
            return x
        resized = F.interpolate(x.float(), size=(side, side), mode="bicubic", antialias=True, align_corners=False)
        return resized.round().clamp(0, 255).to(torch.uint8)


def _room(device: torch.device) -> int:
    """Bytes that one more prepared split may take: on a GPU half of what is free, so that networks have the rest."""
    if device.type == "cpu":
        return PREPARED_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    return free // 2
