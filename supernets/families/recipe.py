"""The size at which a supernet is built, and how it is trained, as values for `train.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The size of a network relative to the released one."""

    width: float | None = None
    """Width multiplier; None for the released one."""
    divisor: int = 1
    """Inputs for resolution r have r / divisor pixels a side."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides the result of a training run."""

    seed_epochs: int = 0
    """Epochs in which one sub-network, the seed, is trained alone; the weights of all others then start from it."""
    sandwich_epochs: int = 12
    random_epochs: int = 5
    batch: int = 128
    shards: int = 1
    """Number of equal parts of a batch, each with its own sub-networks and batch norm statistics."""
    seed_learning_rate: float = 3e-3
    sandwich_learning_rate: float = 2e-3
    random_learning_rate: float = 1e-3
    random_subnets: int = 2
    """Number of sub-networks for each shard in the last phase."""
    pool: int = 0
    """Number of random sub-networks that the steps of `pool_epochs` epochs draw from; 0: every step has new ones."""
    pool_epochs: int = 5
    spreading: float = 0.0
    """Share of the last phase during which its sub-networks spread from near the smallest to the whole space."""
    weight_decay: float = 0.02
    warmup: float = 0.05
    """Share of a phase during which the learning rate rises, before it falls along a cosine."""
    seed: int = 0

    @property
    def epochs(self) -> int:
        return self.seed_epochs + self.sandwich_epochs + self.random_epochs
