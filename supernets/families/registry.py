"""From the names that a user types to families and spaces.

A family of this program is a folder beside `ofa/` and a line here; users bring theirs by `own_families.py`. Look a name
up once, where the user gave it, and hand the family on. Torch is imported when a network is built.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from common.errors import UserError, unknown_name
from supernets.families.autoformer import family as autoformer
from supernets.families.base import Family, SupernetFamily
from supernets.families.nasbench201 import family as nasbench201
from supernets.families.nasbench_macro import family as nasbench_macro
from supernets.families.ofa import family as ofa
from supernets.families.ofa.predicted import PREDICTED
from supernets.families.own_families import family_in_file, installed_family, installed_names, is_file_name
from supernets.families.recipe import Scale
from supernets.families.spos import family as spos
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet

_SUPERNETS: dict[str, SupernetFamily] = {**ofa.FAMILIES, **spos.FAMILIES, **autoformer.FAMILIES}
_FAMILIES: dict[str, Family] = {**_SUPERNETS, **PREDICTED, **nasbench201.FAMILIES, **nasbench_macro.FAMILIES}


def space_names() -> list[str]:
    """Names of everything that can be searched, the families of installed packages last."""
    return [*_FAMILIES, *(name for name in installed_names() if name not in _FAMILIES)]


def supernet_names() -> list[str]:
    """Names of this program's supernets, whose sub-networks are scored with shared weights."""
    return list(_SUPERNETS)


def get_family(name: str) -> Family:
    """The family of a name, or that in a file, `path/to/family.py:NAME`.

    Raises:
        UserError: no supernet has this name, or it cannot be imported.
    """
    if name in _FAMILIES:
        return _FAMILIES[name]
    family = family_in_file(name) if is_file_name(name) else installed_family(name)
    if family is None:
        raise UserError(
            f"{unknown_name('supernet', name, space_names())}; one of your own is named as path/to/family.py:NAME"
        )
    if family.name in _FAMILIES:
        raise UserError(
            f"--supernet {name}: the family is named {family.name}, like one of this program, whose weights and costs "
            "it could be taken for; give it another name"
        )
    return family


def predicted_name(name: str) -> str:
    """The name of the family that predicts the scores of `name`.

    Raises:
        UserError: there is no predictor for it.
    """
    if f"{name}-predicted" not in _FAMILIES:
        known = [each.removesuffix("-predicted") for each in _FAMILIES if each.endswith("-predicted")]
        raise UserError(f"--score predictor: expected a supernet with a predictor ({', '.join(known)}), got {name}")
    return f"{name}-predicted"


def supernet_family(name: str) -> SupernetFamily:
    """
    Raises:
        UserError: no supernet has this name, or it has no network, such as a table.
    """
    family = get_family(name)
    if not isinstance(family, SupernetFamily):
        raise UserError(f"{name} has scores but no weights: expected one of {', '.join(_SUPERNETS)}")
    return family


@cache
def get_space(name: str, dataset: str | None = None, latency_device: str | None = None) -> SearchSpace:
    """The search space of a supernet or a table, by the names that a user types.

    Args:
        dataset: data set of a table; None for its first.
        latency_device: device whose latency becomes one of the costs.

    Raises:
        UserError: an unknown name, or a data set or a device that it does not have.
    """
    known = get_family(name)
    space = known.space_on(dataset)
    return space if latency_device is None else known.devices.add_latency(space, latency_device)


def build_supernet(name: str, scale: Scale | None = None, classes: int = 1000) -> Supernet:
    """The network with untrained weights of a supernet, by the name that a user types: see `SupernetFamily.network`."""
    return supernet_family(name).network(scale, classes)
