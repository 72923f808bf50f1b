"""Measures the latency of sub-networks on this machine: extracted, at full size, in PyTorch and single precision.

Weights are untrained, which does not change the latency. A measurement is one forward pass, from images that are on the
device to logits.
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
from supernets.network.float32 import exact_float32
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

WARM_UP = 3
"""Number of passes before the measured ones, because the first passes choose algorithms and allocate memory."""


@dataclass(frozen=True)
class Conditions:
    """Where and how passes are measured.

    Raises:
        UserError: the batch or the number of threads is less than 1.
    """

    device: str
    """Device of the passes, `cpu` or `cuda`."""
    batch: int
    """Number of images in a pass."""
    threads: int
    """Number of threads on the CPU."""

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
    """Milliseconds of several passes of one network."""

    passes: tuple[float, ...]

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile in milliseconds."""
        low, median, high = np.percentile(self.passes, (25, 50, 75))
        return float(low), float(median), float(high)


def measure(net: Supernet, a: Architecture, conditions: Conditions, passes: int) -> PassTimes:
    """Measure `passes` passes of `a`, after the warm-up."""
    device = torch.device(conditions.device)
    subnet, side = net.extract(a).eval().to(device), net.space.resolution(a)
    x = torch.randn(conditions.batch, 3, side, side, device=device)
    if device.type == "cuda":
        subnet, x = subnet.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    timed = _timed_on_cuda if device.type == "cuda" else _timed
    with torch.inference_mode(), exact_float32(), _cpu_settings(conditions.threads):
        for _ in range(WARM_UP):
            subnet(x)
        return PassTimes(tuple(timed(subnet, x) for _ in range(passes)))


def _timed(subnet: nn.Module, x: Tensor) -> float:
    started = time.perf_counter()
    subnet(x)
    return 1000 * (time.perf_counter() - started)


def _timed_on_cuda(subnet: nn.Module, x: Tensor) -> float:
    """Milliseconds of one pass by the device's own clock, started and ended on an idle device."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    torch.cuda.synchronize()
    start.record()
    subnet(x)
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end))


@contextmanager
def _cpu_settings(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    # Untrained networks can produce denormal numbers, which processors compute slowly; trained networks do not.
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
