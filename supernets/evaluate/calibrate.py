"""Batch-norm statistics for one sub-network, measured on calibration images.

Inherited running statistics belong to no sub-network in particular, so each candidate's are measured anew. The rule is
OFA's: every layer normalises with the current batch, and its statistics are the averages of the batches' means and
biased variances, weighted by batch size.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

OFA_RULE = "batch statistics (biased variance), averaged by batch size, as OFA"


def calibrate(subnet: nn.Module, batches: Iterable[Tensor]) -> None:
    """Measure the statistics of every batch norm of `subnet` in place; it stays in inference mode.

    Args:
        subnet: an extracted network, so that no other candidate shares what is written here.
        batches: inputs `(N, 3, side, side)` at the sub-network's own resolution.
    """
    meters = [_Meter(module) for module in subnet.modules() if isinstance(module, nn.BatchNorm2d)]
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
