"""How a score was measured, as a value: only scores with equal protocols can be compared."""

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
    """Scores with different protocols would be mixed."""


@dataclass(frozen=True)
class Calibration:
    """How a sub-network's batch-norm statistics are measured before it is scored; see `calibrate.py` for the rules."""

    rule: Literal["average", "running"]
    images: int
    batch: int


_SPLITS = ("calibrate", "search", "report")


def _difference(name: str, there: Any, here: Any) -> str:
    """The clause on a field that differs; of the hashes of images it names the splits."""
    if name == "image_hashes" and isinstance(there, list) and isinstance(here, list):
        changed = [split for split, a, b in zip(_SPLITS, there, here, strict=False) if a != b]
        return f"image_hashes: other images of {', '.join(changed)} there, than here"
    return f"{name}: {_short(there)} there, {_short(here)} here"


def _short(value: Any) -> Any:
    return f"{value[:12]}..." if isinstance(value, str) and len(value) == 64 else value


@dataclass(frozen=True)
class Protocol(ABC):
    """Everything besides the architecture that decides a score. Its `id` is stored with every score."""

    predicted: ClassVar[bool] = False
    """Whether scores are predicted by a model instead of measured."""

    supernet: str
    search_images: int
    report_images: int

    @property
    @abstractmethod
    def measure(self) -> str:
        """How top-1 is measured, as a clause after "top-1 accuracy in percent"."""

    @property
    @abstractmethod
    def error_meaning(self) -> str:
        """A sentence on what the standard error of a score is."""

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    def differences(self, stored: Mapping[str, Any]) -> list[str]:
        """A clause for every field in which this protocol differs from `stored`, the `to_dict` of another."""
        mine = self.to_dict()
        return [
            _difference(name, stored.get(name, "nothing"), mine.get(name, "nothing"))
            for name in {**mine, **stored}
            if mine.get(name) != stored.get(name)
        ]

    def require_same(self, stored: Mapping[str, Any]) -> None:
        """Refuse to mix scores with those of another protocol.

        Args:
            stored: `to_dict` of the other protocol.

        Raises:
            ProtocolMismatch: names every field in which the two differ.
        """
        if different := self.differences(stored):
            raise ProtocolMismatch(
                f"scores with different evaluation protocols cannot be mixed; {'; '.join(different)}. Name the weights "
                "and images of the run with --weights and --images or --imagenet if they moved, else start a new run"
            )


@dataclass(frozen=True, kw_only=True)
class SupernetProtocol(Protocol):
    """Protocol of scores with inherited weights: the weights, the images, and the preparation of both."""

    weights: str
    """Hash of the supernet's weights."""
    images: str
    """Name of the image set."""
    image_hashes: tuple[str, str, str]
    """Hashes of the calibrate, search and report splits."""
    calibrate_images: int
    resolution: str
    """The rule from an architecture's resolution r to an input side, e.g. `r / 4`."""
    crop: float
    interpolation: str
    decoder: str
    channels: str
    """Order of the channels of inputs: `RGB` or `BGR`."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    dtype: str
    device: str
    """Device, since roundings differ: `cpu`, or the card with the versions of PyTorch and cuDNN."""
    calibration: str
    """Rule by which batch-norm statistics are measured, or `none` for a network without batch norm."""

    @property
    def measure(self) -> str:
        return f"on {self.search_images:,} images of {self.images}, with weights inherited from the supernet"

    @property
    def error_meaning(self) -> str:
        return "All are scored on the same images, so a difference of two has a smaller error than a score."


@dataclass(frozen=True, kw_only=True)
class TableProtocol(Protocol):
    """Protocol of scores in a table: each network was trained on its own and to the end."""

    table: str
    """Hash of the columns of the table that are read."""
    dataset: str
    epochs: int
    search: str
    """The column that the search sees, in words."""
    report: str
    """The column that the report uses, in words."""
    error: str
    """Source of the standard error: `images` or `seeds`."""

    @property
    def measure(self) -> str:
        images = f"{self.search_images:,} images of {self.dataset}"
        return f"on {images} ({self.search}), each network trained on its own for {self.epochs} epochs"

    @property
    def error_meaning(self) -> str:
        if self.error == "seeds":
            return "The error is the spread of one network trained with several seeds."
        return f"The error is that of counting on {self.search_images:,} images."


@dataclass(frozen=True)
class PredictedProtocol(Protocol):
    """Protocol of predicted scores: no network of the search is measured."""

    predicted = True

    predicted_from: str
    """Hash of the measured networks and of the model's settings."""
    networks: int
    """Number of measured networks."""

    @property
    def measure(self) -> str:
        return f"on ImageNet, predicted from {self.networks:,} measured networks"

    @property
    def error_meaning(self) -> str:
        return "The error is the predictor's and shared by similar networks, so their differences are surer."


@dataclass(frozen=True, kw_only=True)
class OwnProtocol(Protocol):
    """Protocol of scores that somebody else takes and tells."""

    how: str
    """How they are taken, as a clause: "on my board, in int8"."""

    @property
    def measure(self) -> str:
        return f"on {self.search_images:,} images, {self.how}"

    @property
    def error_meaning(self) -> str:
        return f"The error is that of counting on {self.search_images:,} images, unless another one was told."


def read_protocol(stored: Mapping[str, Any]) -> Protocol:
    """The inverse of `Protocol.to_dict`.

    Raises:
        ProtocolMismatch: no kind of protocol has these fields.
    """
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    for kind in (SupernetProtocol, TableProtocol, PredictedProtocol, OwnProtocol):
        if {field.name for field in fields(kind)} == values.keys():
            return kind(**values)
    raise ProtocolMismatch(f"unknown evaluation protocol with the fields {', '.join(stored)}; start a new run")
