"""Makes network inputs from stored bytes; where memory allows, they are prepared once for each side, on the device.

Notable: images are kept and sent to a GPU as bytes, a quarter of the size of network inputs, and normalised on the
device. Nothing waits for a GPU, so that it computes while the next batch is read. A `FullSizeSet` has the crops of
every side; an `ImageSet` has one stored square, from which all sides are resized.
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
"""Maximum memory for the prepared images of one split and side on the CPU; larger ones are prepared batch by batch."""


class Inputs:
    """Network inputs at any side from the images of one split, on one device."""

    def __init__(self, images: Images, preprocessing: Preprocessing, device: torch.device) -> None:
        self.images = images
        self.labels = torch.from_numpy(images.labels).to(device)
        self._preprocessing = preprocessing
        self._device = device
        self._prepared: dict[int, Tensor] = {}

    def batches(
        self, resolution: int, batch: int, count: int | None = None, order: Indices | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Normalised inputs `(n, 3, side, side)`, channels last, and labels `(n,)`, of the first `count` images.

        Args:
            order: rows of the images in the requested order; None for their own order.
        """
        side = resolution // self._preprocessing.divisor
        total = len(self.images) if count is None else count
        prepared = self._prepare(side, len(self.images) if order is not None else total)
        # Sent once: an index on the host would be sent to the device for every batch, and each time waited for.
        order_there = None if order is None else self._send(torch.from_numpy(order))
        for part in iterate_batches(total, batch):
            there = part if order_there is None else order_there[part]
            if prepared is not None:
                stored = prepared[there]
            else:
                stored = self._send(self._bytes(part if order is None else order[part], side))
            x = self._preprocessing.normalise(stored)
            yield x.contiguous(memory_format=torch.channels_last), self.labels[there]

    def _prepare(self, side: int, count: int) -> Tensor | None:
        """The bytes of the first `count` images or more on the device, `(N, 3, side, side)`; None without room."""
        if side not in self._prepared or len(self._prepared[side]) < count:
            shape = (count, 3, side, side)
            if math.prod(shape) > _free_bytes(self._device):
                return None
            prepared = torch.empty(shape, dtype=torch.uint8, device=self._device, memory_format=torch.channels_last)
            for part in iterate_batches(count, 512):
                prepared[part] = self._bytes(part, side)
            self._prepared[side] = prepared
        return self._prepared[side]

    def _send(self, stored: Tensor) -> Tensor:
        if self._device.type == "cpu":
            return stored
        return stored.pin_memory().to(self._device, non_blocking=True)

    def _bytes(self, rows: slice | Indices, side: int) -> Tensor:
        """The bytes of the centre crops, `(n, 3, side, side)`, channels last."""
        if isinstance(self.images, FullSizeSet):
            return torch.from_numpy(self.images.read(side, rows)).permute(0, 3, 1, 2)
        assert isinstance(self.images, ImageSet)
        return self._resize(self.images, rows, side).contiguous(memory_format=torch.channels_last)

    def _resize(self, images: ImageSet, rows: slice | Indices, side: int) -> Tensor:
        # PyTorch needs a copy, because the stored pixels are a read-only map.
        x = torch.from_numpy(np.array(images.pixels[rows])).permute(0, 3, 1, 2)
        kept = round(images.side * self._preprocessing.crop)
        start = (images.side - kept) // 2
        x = x[:, :, start : start + kept, start : start + kept]
        if kept == side:
            return x
        resized = F.interpolate(x.float(), size=(side, side), mode="bicubic", antialias=True, align_corners=False)
        return resized.round().clamp(0, 255).to(torch.uint8)


def _free_bytes(device: torch.device) -> int:
    """Maximum bytes for one more prepared split; on a GPU half of the free memory, so that networks have the rest."""
    if device.type == "cpu":
        return PREPARED_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return (free + kept) // 2
