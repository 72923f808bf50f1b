"""How the golden rows of the AutoFormer networks are read as architectures."""

from __future__ import annotations

from typing import Any

import torch

from supernets.space.architecture import Architecture
from tests.supernets.families import golden

NAMES = ("autoformer", "autoformer-small", "autoformer-base")


def architecture(name: str, row: dict[str, Any]) -> Architecture:
    """The row's sub-network, also with choices that the space does not contain."""
    genes = {gene: row[gene] for gene in ("mlp_ratio", "num_heads")}
    return golden.architecture(name, {"depth": row["layer_num"], "embed_dim": row["embed_dim"][0], **genes})


def images(dtype: torch.dtype) -> torch.Tensor:
    return golden.images(224, dtype)
