"""How the golden rows of the OFA ResNet-50 are read as architectures."""

from __future__ import annotations

from typing import Any

from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from tests.supernets.families import golden

NAME = "ofa-resnet50"


def architecture(row: dict[str, Any]) -> Architecture:
    """The row's sub-network, canonical but for its side, which may be one that the space does not contain."""
    space = get_space(NAME)
    genes = space.genotype(space.parse({**{gene: row[gene] for gene in ("d", "e", "w")}, "r": 224}))
    return golden.architecture(NAME, {**genes, "r": row["r"]})
