"""What belongs to one supernet family besides its space: network, weights' names, protocol, training.

A family's folder gives its `Family` values in `family.py`; `registry.py` knows the folders. No torch here, so that
names, limits and help cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from supernets.preprocessing import Preprocessing
from supernets.recipe import Recipe
from supernets.space import SearchSpace

if TYPE_CHECKING:
    from supernets.modules import Supernet


@dataclass(frozen=True)
class Scale:
    """How much smaller than the released one a network is.

    `width`: its width multiplier, None for the released one. `divisor`: its inputs are r / divisor pixels a side.
    """

    width: float | None = None
    divisor: int = 1


@dataclass(frozen=True)
class Calibration:
    """How a sub-network's batch-norm statistics are measured before it is scored; `calibrate.py` has the rules."""

    rule: Literal["average", "running"]
    images: int
    batch: int


@dataclass(frozen=True)
class Family:
    """One searchable supernet."""

    space: Callable[[], SearchSpace]
    build: Callable[[SearchSpace, Scale, int], Supernet]
    """From the space, a scale and a number of classes to a network with untrained weights."""
    translate: Callable[[str], str]
    """From a released tensor's name to ours."""
    default_limits: Mapping[str, float]
    """Limits of a search that names none: the cost's name and its greatest value."""
    preprocessing: Preprocessing
    """As the authors evaluate; a weights file brings its own divisor and crop."""
    calibration: Callable[[int], Calibration | None]
    """By the divisor of the input side, which decides how many positions a layer measures; None: no batch norm."""
    pocket: Scale
    """Scale of the bundled supernet, and of one that is trained without naming another."""
    recipe: Recipe
    """How the bundled supernet was trained."""
