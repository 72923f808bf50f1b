"""The golden data of one OFA network, as the tests read it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from supernets import Architecture, build_supernet, load_released
from supernets.ofa.model import OFASupernet
from tests.goldens import fill

FOLDER = Path(__file__).parents[2] / "goldens"
FAMILIES = {"ofa": "ofa_mbv3_w1.2", "ofa-w1.0": "ofa_mbv3_w1.0", "ofa-proxyless": "ofa_proxyless_w1.3"}


@cache
def read(name: str, what: str) -> Any:
    return json.loads((FOLDER / f"{FAMILIES[name]}.{what}.json").read_text())


@cache
def logits(name: str) -> dict[str, np.ndarray[Any, Any]]:
    return dict(np.load(FOLDER / f"{FAMILIES[name]}.logits.npz"))


@cache
def released_state(name: str) -> dict[str, torch.Tensor]:
    manifest = read(name, "manifest")
    filled = fill.fill_state_dict([tuple(entry) for entry in manifest["entries"]], bn_std=manifest["bn_std"])
    return {key: torch.from_numpy(array) for key, array in filled.items()}


@cache
def network(name: str, dtype: torch.dtype) -> OFASupernet:
    net = build_supernet(name)
    assert isinstance(net, OFASupernet)
    load_released(net, released_state(name))
    return net.to(dtype)


def architecture(name: str, row: dict[str, Any]) -> Architecture:
    """The row's sub-network, also at sides that the space does not contain."""
    genes = {"d": tuple(row["d"]), "e": tuple(row["e"]), "ks": tuple(row["ks"]), "r": row["r"]}
    return Architecture(name, tuple(genes.items()))


@cache
def images(resolution: int, dtype: torch.dtype, count: int = 2, start: int = 0) -> torch.Tensor:
    return torch.from_numpy(fill.image_batch(count, resolution, start=start)).to(dtype)
