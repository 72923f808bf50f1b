"""Published accuracies of found sub-networks on ImageNet, to be drawn beside our own fronts. Not measured here.

From Table 2 of Li, Lin and Wang, *CoLLM-NAS* (arXiv:2509.26037), which lists the searches of the supernets' authors and
its own. MACs are as papers count them, in millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supernets.evaluate.protocol import PredictedProtocol, Protocol, SupernetProtocol


@dataclass(frozen=True)
class PublishedPoint:
    """One published sub-network: its cost, and top-1 on ImageNet's validation images in percent."""

    source: str
    cost: float
    top1: float


_AUTHORS, _COLLM_NAS = "authors' search", "CoLLM-NAS"
_TABLE: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    "ofa": (
        (_AUTHORS, 200, 3.6, 75.4), (_AUTHORS, 299, 4.2, 77.2), (_AUTHORS, 397, 5.1, 78.1), (_AUTHORS, 499, 5.5, 78.7),
        (_COLLM_NAS, 200, 3.8, 75.9), (_COLLM_NAS, 297, 4.1, 77.6), (_COLLM_NAS, 391, 5.1, 78.5),
        (_COLLM_NAS, 498, 5.4, 79.0),
    ),
    "spos": ((_AUTHORS, 323, 3.5, 73.7), (_COLLM_NAS, 325, 3.7, 74.4)),
    "autoformer": ((_AUTHORS, 1344, 5.9, 74.7), (_COLLM_NAS, 1366, 6.0, 75.3)),
}  # fmt: skip
"""By supernet: source, M MACs, M parameters and top-1 of each."""


def published_points(supernet: str, protocol: Protocol, cost: str) -> Sequence[PublishedPoint]:
    """The published sub-networks of a supernet; none where scores are not of ImageNet, or for another kind of cost."""
    on_imagenet = isinstance(protocol, PredictedProtocol) or (
        isinstance(protocol, SupernetProtocol) and protocol.images == "ImageNet"
    )
    if not on_imagenet or cost not in ("macs_m", "paper_macs_m", "params_m"):
        return ()
    return [
        PublishedPoint(source, params if cost == "params_m" else macs, top1)
        for source, macs, params, top1 in _TABLE.get(supernet, ())
    ]
