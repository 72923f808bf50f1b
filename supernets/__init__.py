"""Architectures, their costs, and their scores with inherited weights."""

from supernets.families.registry import build_supernet, get_space, load_released, space_names, supernet_names
from supernets.space.architecture import Architecture, Dimension, InvalidArchitecture
from supernets.space.cost import Cost
from supernets.space.space import SearchSpace

__all__ = [
    "Architecture",
    "Cost",
    "Dimension",
    "InvalidArchitecture",
    "SearchSpace",
    "build_supernet",
    "get_space",
    "load_released",
    "space_names",
    "supernet_names",
]
