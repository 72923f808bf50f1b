"""What expressions of the language can be: the closed world of the interpreter. None of them is an object of torch
that a text could reach into."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import Tensor


@dataclass(eq=False)
class TensorValue:
    """A tensor of the network: its node, and a stand-in without data for its shape."""

    kind: ClassVar[str] = "a tensor"
    node: int
    meta: Tensor
    batched: bool = True
    """Whether the first dimension is that of the examples; a parameter has none."""


@dataclass(eq=False)
class States:
    """The last states of a recurrent layer, one for each of its layers and directions."""

    kind: ClassVar[str] = "the states of a recurrent layer"
    node: int
    meta: Tensor
    """The stand-in of one of them, shape (examples, features)."""
    count: int


class Batch:
    """The number of examples, which is not known."""

    kind: ClassVar[str] = "the number of examples"


class Training:
    """`self.training`."""

    kind: ClassVar[str] = "self.training"


BATCH, TRAINING = Batch(), Training()


@dataclass(frozen=True)
class Library:
    """A dotted name of torch, as far as a text wrote it."""

    kind: ClassVar[str] = "a name of torch"
    name: str


@dataclass(frozen=True)
class Builtin:
    """One of the few functions of Python."""

    kind: ClassVar[str] = "a function of Python"
    name: str


@dataclass(eq=False)
class Layer:
    """A layer with weights."""

    kind: ClassVar[str] = "a layer"
    index: int
    name: str
    arguments: Mapping[str, Any]


@dataclass(eq=False)
class Stateless:
    """A module that only calls an operation, such as `nn.ReLU()`; `operation` is empty for `nn.Identity()`."""

    kind: ClassVar[str] = "a module"
    operation: str
    attributes: Mapping[str, Any]


@dataclass(eq=False)
class Modules:
    """`nn.Sequential` or `nn.ModuleList`."""

    kind: ClassVar[str] = "a list of modules"
    called: bool
    """Whether it can be called, as `nn.Sequential` can."""
    items: list[Any]


@dataclass(eq=False)
class Filled:
    """`torch.zeros(...)` and the like, the first values of a parameter."""

    kind: ClassVar[str] = "a filled tensor"
    fill: str
    shape: tuple[int, ...]
    scale: float = 1.0


@dataclass(eq=False)
class UserFunction:
    kind: ClassVar[str] = "a function"
    definition: ast.FunctionDef
    defaults: Mapping[str, Any]


@dataclass(eq=False)
class UserClass:
    kind: ClassVar[str] = "a class"
    name: str
    methods: dict[str, UserFunction] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Instance:
    """A module of a class of the text."""

    kind: ClassVar[str] = "a module"
    cls: UserClass
    attributes: dict[str, Any] = field(default_factory=dict)
    building: bool = True
    """Whether its `__init__` runs, so that attributes may be set."""


@dataclass(eq=False)
class Method:
    """Something with a function of its own: `bound` is an instance, a tensor, a list or modules."""

    kind: ClassVar[str] = "a method"
    bound: Any
    name: str


MODULE_VALUES = (Layer, Stateless, Modules, Instance)
