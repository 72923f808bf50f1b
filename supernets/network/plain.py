"""A sub-network as code that needs torch alone, and as a model of the timm library: what an export is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlainNetwork:
    """A sub-network as `Network(**arguments)` of one module.

    `module` imports torch alone. Its `Network` has the attributes `stem`, `blocks` and `head`, whose tensors are named
    as those of the first, the middle and the last steps of a path.
    """

    module: str
    """Dotted name of the module."""
    arguments: Mapping[str, Any]
    """JSON types only."""


@dataclass(frozen=True)
class TimmNetwork:
    """A sub-network as a class of the timm library, whose tensors have the order of the sub-network's own."""

    module: str
    """Module of timm that has the class."""
    factory: str
    """Function of that module that builds the class, or what gives the features of each stage."""
    blocks: tuple[tuple[str, ...], ...]
    """Block strings of each stage, in timm's notation."""
    arguments: Mapping[str, Any]
    """Other arguments of the class, JSON types only."""
    activation: str
    """Name of the activation that blocks have unless their string names another, as timm calls it."""
    eps: float
    """Of every batch norm."""
