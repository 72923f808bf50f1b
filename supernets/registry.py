"""The names a user types, and what belongs to each: space, network, weights' names, default limit.

Adding a family means a folder beside `ofa/` and an entry in `_FAMILIES`. Torch is imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from errors import UserError
from supernets.ofa.layout import Layout, mobilenet_v3, proxyless
from supernets.ofa.space import OFASpace
from supernets.space import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from supernets.modules import Supernet


@dataclass(frozen=True)
class Family:
    """One searchable supernet."""

    space: Callable[[], SearchSpace]
    build: Callable[[float | None, int], Supernet]
    """From a width multiplier (None: the released width) and a number of classes to a network."""
    translate: Callable[[str], str]
    default_limits: Mapping[str, float]
    """Limits of a search that names none: the cost's name and its greatest value."""


def _ofa(name: str, title: str, layout: Callable[[float], Layout], width: float, paper: bool, macs_m: float) -> Family:
    def build(narrower: float | None, classes: int) -> Supernet:
        from supernets.ofa.model import OFASupernet

        space = get_space(name)
        assert isinstance(space, OFASpace)
        return OFASupernet(space, layout(width if narrower is None else narrower), classes)

    def translate(key: str) -> str:
        from supernets.ofa import released

        return released.translate(key)

    def space() -> SearchSpace:
        return OFASpace(name, title, layout(width), width if paper else None)

    return Family(space, build, translate, {"macs_m": macs_m})


_FAMILIES: dict[str, Family] = {
    "ofa": _ofa("ofa", "OFA MobileNetV3, width 1.2", mobilenet_v3, 1.2, True, 350),
    "ofa-w1.0": _ofa("ofa-w1.0", "OFA MobileNetV3, width 1.0", mobilenet_v3, 1.0, True, 230),
    "ofa-proxyless": _ofa("ofa-proxyless", "OFA ProxylessNAS, width 1.3", proxyless, 1.3, False, 400),
}


def supernet_names() -> list[str]:
    return list(_FAMILIES)


def family(name: str) -> Family:
    """
    Raises:
        UserError: no supernet has this name.
    """
    if name not in _FAMILIES:
        raise UserError(f"unknown supernet {name!r}: expected one of {', '.join(_FAMILIES)}")
    return _FAMILIES[name]


@cache
def get_space(name: str) -> SearchSpace:
    """The search space of a supernet, by the name a user types."""
    return family(name).space()


def build_supernet(name: str, width: float | None = None, classes: int = 1000) -> Supernet:
    """The network with untrained weights, in inference mode.

    Args:
        width: a width multiplier instead of the released one; genotypes and their costs stay those of the full size.
    """
    return family(name).build(width, classes).eval()


def load_released(net: Supernet, state_dict: Mapping[str, Tensor]) -> None:
    """Load a state dict exactly as the authors released it (our own names are accepted too).

    Raises:
        CheckpointError: with every missing, unexpected and mis-shaped name at once; `net` is unchanged then.
    """
    from supernets.weights import load_state

    load_state(net, state_dict, family(net.space.name).translate, net.space.name)
