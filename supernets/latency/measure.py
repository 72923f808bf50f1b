"""How long sub-networks take on this machine: extracted, at full size, in PyTorch and single precision.

Weights are untrained, which takes as long as trained ones do. What is measured is one pass of the network, from
images that are on the device already to its answers.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

WARM_UP = 3
"""Passes before those that count: the first ones choose algorithms and take memory."""


@dataclass(frozen=True)
class Conditions:
    """Where and how passes are measured. `device`: `cpu` or `cuda`; `batch`: images in a pass.

    Raises:
        UserError: there is no such batch or number of threads.
    """

    device: str
    batch: int
    threads: int

    def __post_init__(self) -> None:
        for option, value in (("--batch", self.batch), ("--threads", self.threads)):
            if value < 1:
                raise UserError(f"{option}: expected 1 or more, got {value}")

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        machine = torch.cuda.get_device_name() if self.device == "cuda" else f"{_processor()}, {threads}"
        return f"{machine}, PyTorch {torch.__version__}, float32"


@dataclass(frozen=True)
class PassTimes:
    """Milliseconds of passes of one network."""

    passes: tuple[float, ...]

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """A quarter of the passes took less than the first, half of them less than the second."""
        low, median, high = np.percentile(self.passes, (25, 50, 75))
        return float(low), float(median), float(high)


def measure(net: Supernet, a: Architecture, conditions: Conditions, passes: int) -> PassTimes:
    """`passes` passes of `a`, after those that warm up."""
    device = torch.device(conditions.device)
    subnet, side = net.extract(a).eval().to(device), net.space.resolution(a)
    x = torch.randn(conditions.batch, 3, side, side, device=device)
    timed = _timed_on_cuda if device.type == "cuda" else _timed
    with torch.inference_mode(), _set_up(conditions.threads):
        for _ in range(WARM_UP):
            subnet(x)
        return PassTimes(tuple(timed(subnet, x) for _ in range(passes)))


def _timed(subnet: nn.Module, x: Tensor) -> float:
    started = time.perf_counter()
    subnet(x)
    return 1000 * (time.perf_counter() - started)


def _timed_on_cuda(subnet: nn.Module, x: Tensor) -> float:
    """By the device's own clock, from idle to idle."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    torch.cuda.synchronize()
    start.record()
    subnet(x)
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end))


@contextmanager
def _set_up(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    # Untrained networks can lead to numbers so small that processors take their time over them; trained ones do not.
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(before)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
