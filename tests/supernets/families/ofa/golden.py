"""How the golden rows of the OFA networks are read as architectures."""

from __future__ import annotations

from typing import Any

from supernets.space.architecture import Architecture
from tests.supernets.families import golden

NAMES = ("ofa", "ofa-w1.0", "ofa-proxyless")


def architecture(name: str, row: dict[str, Any]) -> Architecture:
    """The row's sub-network, also at sides that the space does not contain."""
    return golden.architecture(name, {gene: row[gene] for gene in ("d", "e", "ks", "r")})
