"""The names a user types -> spaces, tables and networks.

Adding a family means a folder beside `ofa/` and a line here. Torch is imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from common.errors import UserError
from supernets.families.autoformer import family as autoformer
from supernets.families.base import Family, SupernetFamily
from supernets.families.nasbench201 import family as nasbench201
from supernets.families.nasbench_macro import family as nasbench_macro
from supernets.families.ofa import family as ofa
from supernets.families.ofa.predicted import PREDICTED
from supernets.families.recipe import Scale
from supernets.families.spos import family as spos
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from supernets.network.supernet import Supernet

_SUPERNETS: dict[str, SupernetFamily] = {**ofa.FAMILIES, **spos.FAMILIES, **autoformer.FAMILIES}
_FAMILIES: dict[str, Family] = {**_SUPERNETS, **PREDICTED, **nasbench201.FAMILIES, **nasbench_macro.FAMILIES}


def space_names() -> list[str]:
    """Everything that can be searched."""
    return list(_FAMILIES)


def supernet_names() -> list[str]:
    """What is scored with weights that sub-networks share."""
    return list(_SUPERNETS)


def get_family(name: str) -> Family:
    """
    Raises:
        UserError: no supernet has this name.
    """
    if name not in _FAMILIES:
        raise UserError(f"unknown supernet {name!r}: expected one of {', '.join(_FAMILIES)}")
    return _FAMILIES[name]


def predicted_name(name: str) -> str:
    """What `name` is called where its scores are predicted.

    Raises:
        UserError: nobody's measurements of it are here to predict from.
    """
    if f"{name}-predicted" not in _FAMILIES:
        known = [each.removesuffix("-predicted") for each in _FAMILIES if each.endswith("-predicted")]
        raise UserError(f"--score predictor: scores are predicted for {', '.join(known)}; got {name}")
    return f"{name}-predicted"


def supernet_family(name: str) -> SupernetFamily:
    """
    Raises:
        UserError: no supernet has this name, or it is a table, which has no network.
    """
    get_family(name)
    if name not in _SUPERNETS:
        raise UserError(f"{name} is a table of scores and has no weights: expected one of {', '.join(_SUPERNETS)}")
    return _SUPERNETS[name]


@cache
def get_space(name: str, dataset: str | None = None, latency_device: str | None = None) -> SearchSpace:
    """The search space of a supernet or a table, by the names a user types; `dataset` None for the table's first.

    Args:
        latency_device: device whose latency is one of the costs.

    Raises:
        UserError: an unknown name, or a data set or a device that it does not have.
    """
    known = get_family(name)
    space = known.space_on(dataset)
    return space if latency_device is None else known.devices.time(space, latency_device)


def build_supernet(name: str, scale: Scale | None = None, classes: int = 1000) -> Supernet:
    """The network with untrained weights, in inference mode.

    Args:
        scale: a smaller size instead of the released one; genotypes and their costs stay those of the full size.
    """
    return supernet_family(name).build(get_space(name), scale or Scale(), classes).eval()


def load_released(net: Supernet, state_dict: Mapping[str, Tensor]) -> None:
    """Load a state dict exactly as the authors released it (our own names are accepted too).

    Raises:
        CheckpointError: with every missing, unexpected and mis-shaped name at once; `net` is unchanged then.
    """
    from supernets.network.checkpoint import load_state

    load_state(net, state_dict, supernet_family(net.space.name).translate, net.space.name)
