"""Scoring a written file again through its own runtime, and whether it agrees with what was recorded.

Notable: the same weights give slightly different logits in another runtime, in another order of summation, and with
batch norm folded or not, so an image with two classes ahead by less than rounding may fall to either. Such *near ties*
are counted, and are the only images on which two scores may differ. In float32 there are hardly ever any; a score that
was recorded in half precision has more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.errors import UserError
from supernets.evaluate.input_batches import Inputs
from supernets.evaluate.parallel_batches import ParallelBatches
from supernets.images.image_sets import Images
from supernets.images.preprocessing import Preprocessing

Runtime = Callable[[Tensor], Tensor]
"""From images `(N, 3, side, side)`, RGB from 0 to 1, to logits `(N, classes)`."""

_BATCH = 125

_ROUNDING = {"float32": 1e-4, "float16": 0.01, "bfloat16": 0.1}
"""By the format of a score: how far it may move a difference between two logits, in standard deviations of the
image's logits. On the bundled networks the widest lead that rounding turned round was 0.002 in float16 and 0.039 in
bfloat16."""


class ExportDiffers(UserError):
    """A written file does not score as the sub-network that it was written from."""


@dataclass(frozen=True)
class Rescored:
    """What one runtime predicts for each image of a split."""

    labels: Tensor
    predictions: Tensor
    leads: Tensor
    """Difference between the two highest logits, in standard deviations of the image's logits."""

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each image is right, `(N,)`."""
        found: NDArray[np.bool_] = (self.predictions == self.labels).numpy()
        return found

    @property
    def hits(self) -> int:
        return int(self.correct.sum())

    def near_ties(self, dtype: str) -> Tensor:
        """Images whose prediction may change with the rounding of a number format."""
        return self.leads < _ROUNDING[dtype]


def plain_inputs(images: Images, preprocessing: Preprocessing) -> Inputs:
    """The images as exported networks read them: RGB from 0 to 1."""
    neutral = replace(preprocessing, channels="RGB", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    return Inputs(images, neutral, torch.device("cpu"))


def rescore(runtime: Runtime, inputs: Inputs, resolution: int) -> Rescored:
    """Run all images of a split through a runtime, batches side by side."""

    def predict(batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            logits = runtime(batch[0])
        if not logits.isfinite().all():
            raise ExportDiffers(
                "expected finite logits, got NaN or infinity, of which the largest means nothing; the file was not kept"
            )
        best = logits.topk(2).values
        return logits.argmax(1), (best[:, 0] - best[:, 1]) / logits.std(1)

    threads = ParallelBatches(torch.get_num_threads())
    batches = inputs.batches(resolution, _BATCH)
    found = [each for together in threads.groups(batches) for each in threads.map(predict, together)]
    predictions, leads = zip(*found, strict=True)
    return Rescored(inputs.labels, torch.cat(predictions), torch.cat(leads))


def require_recorded(file: str, found: Rescored, recorded: int, dtype: str) -> None:
    """
    Args:
        recorded: hits of the score.
        dtype: number format of the score.

    Raises:
        ExportDiffers: the hits of a file differ by more images than are near ties.
    """
    ties, difference = int(found.near_ties(dtype).sum()), abs(found.hits - recorded)
    if difference > ties:
        raise ExportDiffers(
            f"{file}: expected {recorded:,} of {len(found.labels):,} images right, as recorded, got {found.hits:,}; "
            f"rounding in {dtype} explains at most {ties}; the file was not kept"
        )


def require_same(file: str, found: Rescored, reference: Rescored) -> None:
    """
    Raises:
        ExportDiffers: the predictions of a file differ from those of `model.py`, near ties excepted.
    """
    different = (found.predictions != reference.predictions) & ~reference.near_ties("float32")
    if count := int(different.sum()):
        raise ExportDiffers(
            f"{file}: expected the predictions of model.py, got others for {count:,} of {len(found.labels):,} images; "
            "the file was not kept"
        )
