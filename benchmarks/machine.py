"""What a device can do at most, measured, and what a network asks of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

Run = Callable[[], Any]


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seconds(run: Run) -> float:
    """Of one call, until the device is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    started = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def in_turns(runs: dict[str, Run], repeats: int) -> dict[str, float]:
    """The least seconds of each; all are measured in every round, so that a slow minute slows all."""
    least = dict.fromkeys(runs, float("inf"))
    for round in range(repeats + 1):
        for label, run in runs.items():
            took = seconds(run)
            # The first round warms up, unless it is to be the only one.
            if round or not repeats:
                least[label] = min(least[label], took)
    return least


def mean_seconds(run: Run, at_least: float = 0.2, warm_up: int = 3) -> float:
    """Of one of many calls that follow each other, as the host waits for the device after the last one only."""
    for _ in range(warm_up):
        run()
    calls = max(3, min(1000, math.ceil(at_least / max(seconds(run), 1e-6))))

    def many() -> None:
        for _ in range(calls):
            run()

    return seconds(many) / calls


def matrix_peak(dtype: torch.dtype) -> float:
    """Multiply-adds a second of a large matrix product."""
    size = 8192 if device().type == "cuda" else 2048
    a = torch.randn(size, size, device=device()).to(dtype)
    return float(size**3 / mean_seconds(lambda: a @ a))


def memory_peak() -> float:
    """Bytes a second that a copy of something larger than all caches reads and writes."""
    size = 2**32 if device().type == "cuda" else 2**27
    source = torch.zeros(size, dtype=torch.uint8, device=device())
    copy = torch.empty_like(source)
    return float(2 * size / mean_seconds(lambda: copy.copy_(source)))


def traffic(network: nn.Module, x: Tensor) -> int:
    """Bytes that the layers of `network` read and write for the images `x`, weights included."""
    total = 0

    def count(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        nonlocal total
        tensors = [t for t in (*inputs, output, *module.parameters(recurse=False)) if isinstance(t, Tensor)]
        total += sum(t.numel() * t.element_size() for t in tensors)

    leaves = [m for m in network.modules() if not list(m.children()) and not isinstance(m, nn.Identity)]
    hooks = [leaf.register_forward_hook(count) for leaf in leaves]
    with torch.inference_mode():
        network(x)
    for hook in hooks:
        hook.remove()
    return total
