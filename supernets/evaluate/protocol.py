"""How a score was measured, as a value: two scores compare only when their protocols are equal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

from errors import UserError


class ProtocolMismatch(UserError):
    """Scores under different protocols were about to be mixed."""


@dataclass(frozen=True)
class Protocol:
    """Everything that decides a score besides the architecture. Its `id` is stored with every score."""

    supernet: str
    weights: str
    """Hash of the supernet's weights."""
    images: str
    """Name of the image set."""
    image_hashes: tuple[str, str, str]
    """Hashes of the calibrate, search and report splits."""
    calibrate_images: int
    search_images: int
    report_images: int
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

    @cached_property
    def id(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def require_same(self, other: Protocol) -> None:
        """Raises:
        ProtocolMismatch: names every field in which the two differ.
        """
        mine, theirs = asdict(self), asdict(other)
        different = [f"{name}: {theirs[name]} there, {mine[name]} here" for name in mine if mine[name] != theirs[name]]
        if different:
            raise ProtocolMismatch(
                "scores measured in different ways cannot be mixed; "
                + "; ".join(different)
                + "; start a new run instead"
            )
