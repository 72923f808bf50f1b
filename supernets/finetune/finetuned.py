"""A fine-tuned sub-network as a folder: weights, and a record of what was done and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from common.errors import UserError
from common.files import write_text
from supernets.network.checkpoint_file import has_changed, read_checkpoint, write_checkpoint

SCHEMA = 1
RECORD, WEIGHTS, STATE = "finetuned.json", "finetuned.safetensors", "finetuned.state"


@dataclass(frozen=True, kw_only=True)
class FinetunedRecord:
    """What a fine-tuning did. Accuracies are on the report images, in percent, in float32."""

    run: str
    """Folder of the run that found the sub-network."""
    architecture: Mapping[str, Any]
    """Its genotype."""
    classes: Sequence[str]
    """Of the result, in the order of its logits."""
    recipe: Mapping[str, Any]
    teacher: bool
    images: str
    """Folder of the training images."""
    own_classes: bool
    """Whether the classes are those of the training images, of which a part was held out for the report."""
    training_images: int
    report_images: int
    before: float | None
    """Top-1 with inherited weights; None where the classes are other ones."""
    after: float
    before_hits: int | None
    after_hits: int
    difference_error: float | None
    """Standard error of the difference, from the same images; None without `before`."""
    seconds: float
    """Training time."""


def difference_error(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> float:
    """Standard error in percentage points of the difference of two accuracies on the same images, `(N,)` each."""
    differences = after.astype(float) - before.astype(float)
    return float(100 * differences.std() / len(differences) ** 0.5)


def write_finetuned(folder: Path, record: FinetunedRecord, state: Mapping[str, Tensor]) -> None:
    """Write weights and record, the record last."""
    write_checkpoint(state, folder / WEIGHTS, {"format": "pt"})
    write_text(folder / RECORD, json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n")


def read_finetuned(folder: Path) -> tuple[FinetunedRecord, dict[str, Tensor]]:
    """
    Raises:
        UserError: the folder holds no finished fine-tuning, or its weights have changed.
    """
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if stored.pop("schema") != SCHEMA:
            raise ValueError("another schema")
        record = FinetunedRecord(**stored)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{folder / RECORD}: expected the record of a finished fine-tuning, got none that can be read ({error}); "
            "repeat the `finetune` command"
        ) from None
    weights = folder / WEIGHTS
    state = read_checkpoint(weights, prefixes=True)
    if has_changed(weights):
        raise UserError(f"{weights}: the content has changed since it was written; repeat the `finetune` command")
    return record, state
