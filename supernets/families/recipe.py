"""At which size a supernet is built and how it is trained, as values; `train.py` follows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How much smaller than the released one a network is.

    `width`: its width multiplier, None for the released one. `divisor`: its inputs are r / divisor pixels a side.
    """

    width: float | None = None
    divisor: int = 1


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides what a training run produces."""

    sandwich_epochs: int = 12
    random_epochs: int = 5
    batch: int = 128
    sandwich_learning_rate: float = 2e-3
    random_learning_rate: float = 1e-3
    random_subnets: int = 2
    """Sub-networks of a step in the second phase."""
    spreading: float = 0.0
    """Share of the second phase over which its sub-networks spread from near the smallest to all of the space."""
    weight_decay: float = 0.02
    warmup: float = 0.05
    """Share of a phase over which the learning rate rises; it falls along a cosine after that."""
    seed: int = 0

    @property
    def epochs(self) -> int:
        return self.sandwich_epochs + self.random_epochs
