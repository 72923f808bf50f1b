"""The names a user types -> spaces and networks.

Adding a family means a folder beside `ofa/` and a line in `_FAMILIES`. Torch is imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from errors import UserError
from supernets import autoformer, ofa, spos
from supernets.family import Family, Scale
from supernets.space import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from supernets.modules import Supernet

_FAMILIES: dict[str, Family] = {**ofa.FAMILIES, **spos.FAMILIES, **autoformer.FAMILIES}


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


def build_supernet(name: str, scale: Scale | None = None, classes: int = 1000) -> Supernet:
    """The network with untrained weights, in inference mode.

    Args:
        scale: a smaller size instead of the released one; genotypes and their costs stay those of the full size.
    """
    return family(name).build(get_space(name), scale or Scale(), classes).eval()


def load_released(net: Supernet, state_dict: Mapping[str, Tensor]) -> None:
    """Load a state dict exactly as the authors released it (our own names are accepted too).

    Raises:
        CheckpointError: with every missing, unexpected and mis-shaped name at once; `net` is unchanged then.
    """
    from supernets.weights import load_state

    load_state(net, state_dict, family(net.space.name).translate, net.space.name)
