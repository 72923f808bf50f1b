"""From stored bytes to what a network reads; prepared once for each side where memory allows.

A `FullSizeSet` brings the crops of every side. Of an `ImageSet` all sides are resized from its one stored square.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from supernets.images import FullSizeSet, Images, ImageSet, iterate_batches
from supernets.preprocessing import Preprocessing

PREPARED_BYTES = 2**29
"""Most memory that the resized images of one split and side may take; larger ones are resized batch by batch."""


class Inputs:
    """The images of one split as network inputs at any side, on one device."""

    def __init__(self, images: Images, preprocessing: Preprocessing, device: torch.device) -> None:
        self.images = images
        self.labels = torch.from_numpy(images.labels).to(device)
        self._preprocessing = preprocessing
        self._device = device
        self._prepared: dict[int, Tensor] = {}

    def batches(self, resolution: int, batch: int, count: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Normalised `(n, 3, side, side)`, channels last, and labels `(n,)`, for the first `count` images."""
        side = resolution // self._preprocessing.divisor
        total = len(self.images) if count is None else count
        prepared = self._prepare(side) if len(self.images) * side * side * 3 <= PREPARED_BYTES else None
        for part in iterate_batches(total, batch):
            stored = prepared[part] if prepared is not None else self._bytes(part, side)
            x = self._preprocessing.normalise(stored.to(self._device))
            yield x.contiguous(memory_format=torch.channels_last), self.labels[part]

    def _prepare(self, side: int) -> Tensor:
        if side not in self._prepared:
            chunks = [self._bytes(part, side) for part in iterate_batches(len(self.images), 512)]
            self._prepared[side] = torch.cat(chunks).to(self._device)
        return self._prepared[side]

    def _bytes(self, part: slice, side: int) -> Tensor:
        """Bytes `(n, 3, side, side)` of the centre crop."""
        if isinstance(self.images, FullSizeSet):
            return torch.from_numpy(self.images.read(side, part)).permute(0, 3, 1, 2)
        assert isinstance(self.images, ImageSet)
        return self._resize(self.images, part, side)

    def _resize(self, images: ImageSet, part: slice, side: int) -> Tensor:
        # A copy, because the stored pixels are a read-only map.
        x = torch.from_numpy(np.array(images.pixels[part])).permute(0, 3, 1, 2)
        kept = round(images.side * self._preprocessing.crop)
        start = (images.side - kept) // 2
        x = x[:, :, start : start + kept, start : start + kept]
        if kept == side:
            return x.contiguous()
        resized = F.interpolate(x.float(), size=(side, side), mode="bicubic", antialias=True, align_corners=False)
        return resized.round().clamp(0, 255).to(torch.uint8)
