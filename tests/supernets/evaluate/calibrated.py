"""Calibration of one extracted sub-network, as goldens and single candidates need it."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

from supernets.evaluate.calibrate import Rule, measuring


def calibrate(subnet: nn.Module, batches: Iterable[Tensor], rule: Rule = "average") -> None:
    """Set the statistics of every batch norm of `subnet`; it stays in inference mode.

    Args:
        batches: inputs `(N, 3, side, side)` at the sub-network's own resolution.
    """
    with measuring([subnet], rule):
        for batch in batches:
            subnet(batch)
