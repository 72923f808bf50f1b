"""Batch-norm statistics for one sub-network, measured on calibration images.

Inherited running statistics belong to no sub-network in particular, so each candidate's are measured anew, by the
rule of its family's authors:

- `average` (OFA): every layer normalises with the current batch, and its statistics are the averages of the batches'
  means and biased variances, weighted by batch size.
- `running` (SPOS): statistics are reset to 0 and 1 and then follow the batches as in training, with momentum 0.1 and
  unbiased variances; what is left of the reset after n batches is 0.9 to the n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

_MOMENTUM = 0.1


def average_statistics(subnet: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set every batch norm of `subnet` to OFA's averages; it stays in inference mode.

    Args:
        subnet: an extracted network, so that no other candidate shares what is written here.
        batches: inputs `(N, 3, side, side)` at the sub-network's own resolution.
    """
    meters = [_Meter(bn) for bn in _batch_norms(subnet)]
    hooks = [meter.bn.register_forward_pre_hook(meter) for meter in meters]
    try:
        with torch.inference_mode():
            for batch in batches:
                subnet(batch)
            for meter in meters:
                meter.finish()
    finally:
        for hook in hooks:
            hook.remove()


def running_statistics(subnet: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set every batch norm of `subnet` to SPOS's running averages; it stays in inference mode.

    Args: as `average_statistics`.
    """
    layers = _batch_norms(subnet)
    for bn in layers:
        bn.reset_running_stats()
        bn.momentum = _MOMENTUM
        bn.train()
    with torch.inference_mode():
        for batch in batches:
            subnet(batch)
    for bn in layers:
        bn.eval()


RULES: Mapping[str, Callable[[nn.Module, Iterable[Tensor]], None]] = {
    "average": average_statistics,
    "running": running_statistics,
}


def _batch_norms(subnet: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in subnet.modules() if isinstance(module, nn.BatchNorm2d)]


class _Meter:
    """Sets a layer's statistics to each batch's own as it comes, and to the average at the end."""

    def __init__(self, bn: nn.BatchNorm2d) -> None:
        assert bn.running_mean is not None
        assert bn.running_var is not None
        self.bn, self.mean, self.var = bn, bn.running_mean, bn.running_var
        self._sum_mean = torch.zeros_like(self.mean)
        self._sum_var = torch.zeros_like(self.var)
        self._images = 0

    def __call__(self, module: nn.Module, inputs: Any) -> None:
        (x,) = inputs
        x = x.to(self.mean.dtype)
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        self.mean.copy_(mean)
        self.var.copy_(var)
        self._sum_mean += mean * len(x)
        self._sum_var += var * len(x)
        self._images += len(x)

    def finish(self) -> None:
        self.mean.copy_(self._sum_mean / self._images)
        self.var.copy_(self._sum_var / self._images)
