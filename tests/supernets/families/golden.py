"""The golden data of all networks, as the tests read it, and how our figures are compared with it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from supernets.families.registry import supernet_family
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture
from tests.goldens import fill
from tests.paths import GOLDENS

FILES = {
    "ofa": "ofa_mbv3_w1.2",
    "ofa-w1.0": "ofa_mbv3_w1.0",
    "ofa-proxyless": "ofa_proxyless_w1.3",
    "ofa-resnet50": "ofa_resnet50",
    "spos": "spos",
    "autoformer": "autoformer_tiny",
    "autoformer-small": "autoformer_small",
    "autoformer-base": "autoformer_base",
}
FLOAT32, FLOAT64 = torch.float32, torch.float64
both_types = pytest.mark.parametrize(
    "dtype", [FLOAT32, pytest.param(FLOAT64, marks=pytest.mark.slow)], ids=["float32", "float64"]
)
"""Double precision shows agreement to nine digits, in several times the time."""
TOLERANCE = {FLOAT32: 5e-5, FLOAT64: 1e-9}
RECALIBRATED_TOLERANCE = {FLOAT32: 2e-4, FLOAT64: 1e-9}


@cache
def read(name: str, what: str) -> Any:
    return json.loads((GOLDENS / f"{FILES[name]}.{what}.json").read_text())


@cache
def logits(name: str) -> dict[str, np.ndarray[Any, Any]]:
    return dict(np.load(GOLDENS / f"{FILES[name]}.logits.npz"))


@cache
def released_state(name: str) -> dict[str, torch.Tensor]:
    manifest = read(name, "manifest")
    filled = fill.fill_state_dict([tuple(entry) for entry in manifest["entries"]], bn_std=manifest.get("bn_std"))
    return {key: torch.from_numpy(array) for key, array in filled.items()}


@cache
def network(name: str, dtype: torch.dtype) -> Supernet:
    net = supernet_family(name).network()
    load_released(net, released_state(name))
    return net.to(dtype)


def load_released(net: Supernet, state: Mapping[str, torch.Tensor]) -> None:
    supernet_family(net.space.name).load(net, state)


@cache
def images(resolution: int, dtype: torch.dtype, count: int = 2, start: int = 0) -> torch.Tensor:
    return torch.from_numpy(fill.image_batch(count, resolution, start=start)).to(dtype)


def architecture(name: str, genes: dict[str, Any]) -> Architecture:
    """A sub-network by its genes, also one that the space does not contain."""
    return Architecture(name, tuple((gene, tuple(g) if isinstance(g, list) else g) for gene, g in genes.items()))


def deviation(ours: torch.Tensor, reference: np.ndarray[Any, Any]) -> float:
    """Largest difference in units of the row's standard deviation."""
    return float(np.abs(ours.numpy() - reference).max() / reference.std())


def crc32(*tensors: torch.Tensor) -> str:
    """Of the tensors' bytes one after the other, as the golden files write it."""
    crc = 0
    for tensor in tensors:
        crc = zlib.crc32(tensor.numpy().tobytes(), crc)
    return f"{crc:08x}"


def count_macs(subnet: torch.nn.Module, resolution: int) -> int:
    """MACs by watching every convolution and linear layer of a forward pass."""
    total = 0

    def watch(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            total += module.weight[0].numel() * output[0].numel()

    for module in subnet.modules():
        module.register_forward_hook(watch)
    with torch.no_grad():
        subnet(images(resolution, FLOAT32)[:1])
    return total
