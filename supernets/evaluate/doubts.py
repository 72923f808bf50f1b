"""Signs that weights are not those of a trained supernet, looked for on a few random inputs before a search.

The largest of several logits has an index whatever they are, so a network that ignores its input, or an architecture
that changes nothing, would be scored as if it were measured.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from supernets.evaluate.calibrate import measuring
from supernets.evaluate.protocol import Calibration
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

_INPUTS = 2
_SAME = 1e-6
"""Largest difference, relative to the logits, that rounding may cause."""


def doubts(net: Supernet, side: int, calibration: Calibration | None) -> tuple[str, ...]:
    """Sentences for the user on what cannot be right with the weights; none for usual ones.

    Args:
        side: input side in pixels of the smallest sub-network.
        calibration: how batch-norm statistics are measured; None where there are none.
    """
    space, x = net.space, torch.randn(_INPUTS, 3, side, side, generator=torch.Generator().manual_seed(0))
    small, large = (_logits(net, a, x) for a in (space.smallest(), space.largest()))
    found = []
    if not (small.isfinite().all() and large.isfinite().all()):
        found.append("logits that are not finite")
    elif _close(small, large):
        found.append("the same logits of the smallest and of the largest sub-network")
    elif _close(large[:1], large[1:]):
        found.append("the same logits whatever the image is")
    if calibration is not None and not _moves(net, x, calibration):
        found.append("batch-norm statistics that calibration does not change")
    if not found:
        return ()
    return (f"These weights give {' and '.join(found)}: they are probably not those of a trained supernet.",)


@torch.inference_mode()
def _logits(net: Supernet, a: Architecture, x: Tensor) -> Tensor:
    logits: Tensor = net.extract(a)(x)
    return logits.float()


def _close(one: Tensor, other: Tensor) -> bool:
    return float((one - other).abs().max()) <= _SAME * max(float(one.abs().max()), 1e-30)


def _moves(net: Supernet, x: Tensor, calibration: Calibration) -> bool:
    subnet = net.extract(net.space.smallest())
    layers = [layer for layer in subnet.modules() if isinstance(layer, nn.BatchNorm2d)]
    before = [(bn.running_mean, bn.running_var) for bn in layers]
    kept = [(mean.clone(), var.clone()) for mean, var in before if mean is not None and var is not None]
    with measuring([subnet], calibration.rule):
        subnet(x)
    now = [(bn.running_mean, bn.running_var) for bn in layers]
    return not kept or any(
        not torch.equal(mean, old_mean) or not torch.equal(var, old_var)
        for (mean, var), (old_mean, old_var) in zip(now, kept, strict=True)
        if mean is not None and var is not None
    )
