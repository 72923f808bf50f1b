"""How a sub-network is fine-tuned, as values; presets follow published recipes where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.errors import UserError, unknown_name


@dataclass(frozen=True, kw_only=True)
class FinetuneRecipe:
    """Everything that decides the result besides the network, its teacher and the images.

    Raises:
        UserError: a number that no training can have.
    """

    epochs: int
    batch: int
    optimiser: Literal["sgd", "adamw"]
    """As timm names them; `sgd` has Nesterov momentum of 0.9."""
    learning_rate: float
    """The highest one, after the warm-up."""
    weight_decay: float
    """Of weights; biases and norms have none."""
    schedule: Literal["cosine", "poly"] = "cosine"
    """How the learning rate falls to 0; `poly` is a straight line."""
    warmup_epochs: int = 0
    label_smoothing: float = 0.1
    mixup: float = 0.0
    """Strength of Mixup; 0 for none."""
    cutmix: float = 0.0
    """Strength of CutMix; 0 for none."""
    smallest_crop: float = 0.08
    """Smallest share of an image's area that a crop shows."""
    color_jitter: float = 0.0
    auto_augment: str = ""
    """A policy of timm, such as `rand-m9-mstd0.5`; empty for none."""
    ema_decay: float = 0.0
    """Decay of the moving average of the weights, which is the result; 0 for the last weights."""
    teacher_share: float = 0.0
    """Share of the loss from the predictions of the supernet's largest network; the rest is from the labels."""
    from_scratch: bool = False
    """Train new weights instead of those that are inherited."""
    seed: int = 0

    def __post_init__(self) -> None:
        for option, value in (("epochs", self.epochs), ("batch", self.batch)):
            if value < 1:
                raise UserError(f"--{option}: expected 1 or more, got {value}")
        if not 0 < self.learning_rate <= 10:
            raise UserError(f"--learning-rate: expected a number above 0 and up to 10, got {self.learning_rate:g}")


def _ofa(epochs: int) -> FinetuneRecipe:
    """After Cai et al. (ICLR 2020), whose specialised networks were fine-tuned for 25 or 75 epochs.

    Optimiser, schedule, weight decay and label smoothing are those of their supernet training. The paper gives no
    learning rate for fine-tuning: the one here is ours, and so are batch and colour jitter.
    """
    return FinetuneRecipe(
        epochs=epochs, batch=256, optimiser="sgd", learning_rate=0.01, weight_decay=3e-5, color_jitter=0.1,
        teacher_share=0.5,
    )  # fmt: skip


SHORT = "short"
PRESETS: Mapping[str, FinetuneRecipe] = {
    SHORT: FinetuneRecipe(
        epochs=3, batch=128, optimiser="adamw", learning_rate=5e-4, weight_decay=0.02, smallest_crop=0.6,
        ema_decay=0.998, teacher_share=0.5,
    ),
    "ofa-25": _ofa(25),
    "ofa-75": _ofa(75),
    # After the code of Guo et al. (ECCV 2020): 300,000 steps of 1,024 images, which are 240 epochs of ImageNet.
    "spos-scratch": FinetuneRecipe(
        epochs=240, batch=1024, optimiser="sgd", learning_rate=0.5, weight_decay=4e-5, schedule="poly",
        color_jitter=0.4, from_scratch=True,
    ),
}  # fmt: skip
"""Recipes by the name that a user types. AutoFormer's published scores are of inherited weights, so it has none."""


def preset(name: str) -> FinetuneRecipe:
    """
    Raises:
        UserError: no preset has this name.
    """
    if name not in PRESETS:
        raise UserError(unknown_name("recipe", name, list(PRESETS)))
    return PRESETS[name]
