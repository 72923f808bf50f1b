"""Batch-norm statistics of sub-networks, measured on calibration images.

Inherited running statistics belong to no particular sub-network, so each candidate's statistics are measured, by the
rule of its family's authors:

- `average` (OFA): every layer normalises with the current batch, and its statistics are the averages of the batches'
  means and biased variances, weighted by batch size.
- `running` (SPOS): statistics are reset to 0 and 1 and then follow the batches as in training, with momentum 0.1 and
  unbiased variances; after n batches the reset values still have the weight 0.9 to the power of n.

Notable: a layer's statistics depend only on the layers before it, so layers in the common beginning of several
sub-networks process each batch once. During the measurement layers normalise in place. On CUDA one operator measures a
batch and normalises it, because launching many small kernels would take longer than the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn

_MOMENTUM = 0.1
_SUMMED = 2**13
"""Number of values of a channel that are summed in single precision."""

Rule = Literal["average", "running"]


@contextmanager
def measuring(modules: Iterable[nn.Module], rule: Rule) -> Iterator[None]:
    """Inside, the batch norms of `modules` normalise with their current batch; afterwards, with measured statistics.

    A batch norm overwrites its input, which must therefore be the output of a layer, such as a convolution.
    """
    layers = [layer for module in modules for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]
    meters = [(_Average if rule == "average" else _Running)(bn) for bn in layers]
    for meter in meters:
        # An instance attribute takes precedence over the class's method, until it is deleted.
        vars(meter.bn)["forward"] = meter
    try:
        with torch.inference_mode():
            yield
            for meter in meters:
                meter.finish()
    finally:
        for bn in layers:
            del vars(bn)["forward"]


class _Average:
    """A batch norm that normalises with the batch; its statistics become the averages over the batches."""

    def __init__(self, bn: nn.BatchNorm2d) -> None:
        assert bn.running_mean is not None
        assert bn.running_var is not None
        self.bn, self.mean, self.var = bn, bn.running_mean, bn.running_var
        self._unused = torch.empty_like(self.mean), torch.empty_like(self.mean)
        self._sums = torch.zeros(2, len(self.mean), dtype=torch.float64, device=self.mean.device)
        self._images = 0

    def __call__(self, x: Tensor) -> Tensor:
        if x.device.type == "cuda":
            self.measure_on_cuda(x)
            return x
        moments = _moments(x)
        self.see(moments, x)
        mean, var = moments.to(self.mean.dtype)
        self.normalise(x, mean, var)
        return x

    def see(self, moments: Tensor, x: Tensor) -> None:
        """Add a batch `x` with its moments to the statistics."""
        self._sums += moments * len(x)
        self._images += len(x)

    def measure_on_cuda(self, x: Tensor) -> None:
        """Add a batch to the statistics and normalise it in place, without waiting for the device."""
        mean, var = torch.zeros(2, len(self.mean), dtype=self.mean.dtype, device=x.device)
        self.normalise(x, mean, var, training=True, momentum=1.0)
        # The operator gives the unbiased variance, which is not defined for a single value.
        values = x.numel() // x.shape[1]
        biased = var * ((values - 1) / values) if values > 1 else torch.zeros_like(var)
        self.see(torch.stack((mean, biased)), x)

    def normalise(self, x: Tensor, mean: Tensor, var: Tensor, *, training: bool = False, momentum: float = 0.0) -> None:
        """Normalise `x` in place with `mean` and `var`; in training with its own, towards which they then move."""
        torch.ops.aten.native_batch_norm.out(
            x, self.bn.weight, self.bn.bias, mean, var, training, momentum, self.bn.eps,
            out=x, save_mean=self._unused[0], save_invstd=self._unused[1],
        )  # fmt: skip

    def finish(self) -> None:
        """Store the statistics after the last batch."""
        mean, var = self._sums / self._images
        self.mean.copy_(mean)
        self.var.copy_(var)


class _Running(_Average):
    """A batch norm whose statistics follow those of the batches, with unbiased variances, as in training."""

    def __init__(self, bn: nn.BatchNorm2d) -> None:
        super().__init__(bn)
        bn.reset_running_stats()

    def see(self, moments: Tensor, x: Tensor) -> None:
        values = x.numel() // x.shape[1]
        self.mean.lerp_(moments[0].to(self.mean.dtype), _MOMENTUM)
        self.var.lerp_((moments[1] * values / (values - 1)).to(self.var.dtype), _MOMENTUM)

    def measure_on_cuda(self, x: Tensor) -> None:
        self.normalise(x, self.mean, self.var, training=True, momentum=_MOMENTUM)

    def finish(self) -> None:
        pass


def _moments(x: Tensor) -> Tensor:
    """Mean and biased variance of each channel, `(2, C)` in double precision."""
    positions = x.shape[2] * x.shape[3]
    # Sums are in single precision, one value after the other; over few values they stay accurate.
    parts = torch.split(x, max(1, _SUMMED // positions))
    shares = torch.tensor([len(part) / len(x) for part in parts], dtype=torch.float64)
    means, variances = torch.stack([_part_moments(part) for part in parts], 1)
    mean = shares @ means
    return torch.stack((mean, shares @ (variances + (means - mean) ** 2)))


def _part_moments(x: Tensor) -> Tensor:
    values = x.numel() // x.shape[1]
    dtype = torch.promote_types(x.dtype, torch.float32)
    mean, var = torch.zeros(2, x.shape[1], dtype=dtype, device=x.device)
    torch.batch_norm_update_stats(x, mean, var, 1.0)
    # PyTorch returns the unbiased variance, which is not defined for a single value.
    return torch.stack((mean, var * ((values - 1) / values) if values > 1 else torch.zeros_like(var))).double()
