"""Architectures, their costs, and their scores with inherited weights."""

from supernets.architecture import Architecture, Dimension, InvalidArchitecture
from supernets.cost import Cost
from supernets.registry import build_supernet, get_space, load_released, space_names, supernet_names
from supernets.space import SearchSpace

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
