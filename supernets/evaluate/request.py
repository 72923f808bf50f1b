"""What a user named to score with, as values; whoever opens an evaluator looks it up, once. Opens nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError

if TYPE_CHECKING:
    from supernets.images.image_sets import ProgressReport


@dataclass(frozen=True)
class Workers:
    """Processes that score: `count` of them (None: as many as fit), on the Ray cluster at `address` or here.

    Raises:
        UserError: there are none.
    """

    count: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if self.count is not None and self.count < 1:
            raise UserError(f"--workers: expected 1 or more, got {self.count}")


@dataclass(frozen=True, kw_only=True)
class EvaluatorRequest:
    """What a user named to score with; None where nothing was named."""

    supernet: str
    cache: Path
    """Folder for decoded images."""
    weights: Path | None = None
    images: Path | None = None
    imagenet: Path | None = None
    protocol: str = "held-out"
    """How ImageNet is split."""
    device: str | None = None
    """None for the fastest there is."""
    dataset: str | None = None
    epochs: int | None = None
    predictor: Path | None = None
    """File that predicts scores."""
    progress: ProgressReport | None = None
    workers: Workers | None = None
    """Who scores, where it is not this process."""
