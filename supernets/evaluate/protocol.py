"""How a score was measured, as a value: two scores compare only when their protocols are equal."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Literal

from common.errors import UserError


class ProtocolMismatch(UserError):
    """Scores under different protocols were about to be mixed."""


@dataclass(frozen=True)
class Calibration:
    """How a sub-network's batch-norm statistics are measured before it is scored; `calibrate.py` has the rules."""

    rule: Literal["average", "running"]
    images: int
    batch: int


@dataclass(frozen=True)
class Protocol(ABC):
    """Everything that decides a score besides the architecture. Its `id` is stored with every score."""

    predicted: ClassVar[bool] = False
    """Whether scores are a model's guess, with nothing measured."""

    supernet: str
    search_images: int
    report_images: int

    @property
    @abstractmethod
    def measure(self) -> str:
        """What top-1 is measured on, as a clause after "top-1 accuracy in percent"."""

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    def differences(self, stored: Mapping[str, Any]) -> list[str]:
        """A clause for every field in which the protocol whose `to_dict` is `stored` differs."""
        mine = self.to_dict()
        return [
            f"{name}: {stored.get(name, 'nothing')} there, {mine.get(name, 'nothing')} here"
            for name in {**mine, **stored}
            if mine.get(name) != stored.get(name)
        ]

    def require_same(self, stored: Mapping[str, Any]) -> None:
        """
        Args:
            stored: `to_dict` of another protocol.

        Raises:
            ProtocolMismatch: names every field in which the two differ.
        """
        if different := self.differences(stored):
            raise ProtocolMismatch(
                "scores measured in different ways cannot be mixed; "
                + "; ".join(different)
                + "; start a new run instead"
            )


@dataclass(frozen=True, kw_only=True)
class SupernetProtocol(Protocol):
    """Inherited weights, and how images and batch norm were prepared for them."""

    weights: str
    """Hash of the supernet's weights."""
    images: str
    """Name of the image set."""
    image_hashes: tuple[str, str, str]
    """Hashes of the calibrate, search and report splits."""
    calibrate_images: int
    resolution: str
    """How an architecture's resolution becomes an input side, e.g. `r / 4`."""
    crop: float
    interpolation: str
    decoder: str
    channels: str
    """Order of the input's channels, `RGB` or `BGR`."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    dtype: str
    device: str
    """Kind of device, `cpu` or `cuda`: rounding differs between them."""
    calibration: str
    """Rule by which batch-norm statistics are measured, or `none` where there is no batch norm."""

    @property
    def measure(self) -> str:
        return f"on {self.search_images:,} images of {self.images}, with weights inherited from the supernet"


@dataclass(frozen=True, kw_only=True)
class TableProtocol(Protocol):
    """Finished trainings, looked up: every score is of a network trained alone and to the end."""

    table: str
    """Hash of the table's columns that are read."""
    dataset: str
    epochs: int
    search: str
    """Which column the search sees, in words."""
    report: str
    error: str
    """What the standard error is of: `images` or `seeds`."""

    @property
    def measure(self) -> str:
        images = f"{self.search_images:,} images of {self.dataset}"
        return f"on {images} ({self.search}), each network trained on its own for {self.epochs} epochs"


@dataclass(frozen=True)
class PredictedProtocol(Protocol):
    """A model's guess from measured networks: no network of the search is measured."""

    predicted = True

    predicted_from: str
    """Hash of the measured networks and of the model's settings."""
    networks: int
    """How many they are."""

    @property
    def measure(self) -> str:
        return f"on ImageNet, predicted from {self.networks:,} measured networks"


def read_protocol(stored: Mapping[str, Any]) -> Protocol:
    """The inverse of `Protocol.to_dict`.

    Raises:
        ProtocolMismatch: no kind of protocol has these fields.
    """
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    for kind in (SupernetProtocol, TableProtocol, PredictedProtocol):
        if {field.name for field in fields(kind)} == values.keys():
            return kind(**values)
    raise ProtocolMismatch(f"no way of measuring that this program knows has {', '.join(stored)}; start a new run")
