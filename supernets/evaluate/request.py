"""The user's request for an evaluator, as values; `supernets/evaluators.py` resolves it, once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError

if TYPE_CHECKING:
    from supernets.images.image_sets import ProgressReport


@dataclass(frozen=True)
class Workers:
    """Worker processes that score.

    Raises:
        UserError: the count is less than 1.
    """

    count: int | None = None
    """Number of processes; None for as many as fit."""
    address: str | None = None
    """Address of the Ray cluster that runs them; None for this machine."""

    def __post_init__(self) -> None:
        if self.count is not None and self.count < 1:
            raise UserError(f"--workers: expected 1 or more, got {self.count}")


@dataclass(frozen=True, kw_only=True)
class EvaluatorRequest:
    """What an evaluator is opened from; None for anything that the user did not name."""

    supernet: str
    cache: Path | None = None
    """Folder for decoded images; None for that of the user."""
    weights: Path | None = None
    images: Path | None = None
    images_name: str | None = None
    """Name of the image set in the protocol; None for that of the folder. For a run whose folder was moved."""
    imagenet: Path | None = None
    protocol: str = "held-out"
    """How ImageNet is split: `held-out` or `paper`."""
    device: str | None = None
    """Device to score on, `cpu` or `cuda`; None for the fastest available."""
    dataset: str | None = None
    epochs: int | None = None
    predictor: Path | None = None
    """File of an accuracy predictor."""
    progress: ProgressReport | None = None
    workers: Workers | None = None
    """Worker processes that score; None to score in this process."""
