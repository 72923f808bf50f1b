"""The names of torch that a text may use, and what each becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from supernets.code.operations import FILLED, LAYERS, MODULES, OPERATIONS
from supernets.code.refusal import Refused
from supernets.code.signature import Parameter, bind, flag, number, several, shown, whole
from supernets.code.tracing import Tracing
from supernets.code.values import (
    BATCH,
    MODULE_VALUES,
    TRAINING,
    Filled,
    Method,
    Modules,
    Stateless,
    TensorValue,
)

_FLATTEN = (Parameter("start_dim", whole(-8, 8), 1), Parameter("end_dim", whole(-8, 8), -1))
_FUNCTIONS = {operation.printed: name for name, operation in OPERATIONS.items()}
_FUNCTIONS |= {f"torch.{operation.torch_name}": name for name, operation in OPERATIONS.items() if operation.torch_name}
_FUNCTIONS |= {"F.sigmoid": "sigmoid", "F.tanh": "tanh", "torch.bmm": "matmul"}
_METHODS = {operation.torch_name: name for name, operation in OPERATIONS.items() if operation.torch_name}
_SHAPING = ("view", "reshape", "flatten", "permute", "transpose", "unsqueeze", "squeeze", "chunk", "split", "expand",
            "size", "dim", "contiguous", "float", "add", "sub", "mul", "div", "pow", "sqrt")  # fmt: skip
_TORCH_SHAPING = ("reshape", "flatten", "permute", "transpose", "unsqueeze", "squeeze", "chunk", "split", "add", "sub",
                  "mul", "div", "pow", "sqrt")  # fmt: skip
_NUMBERED = {"Max": 4, "Mul": 4}
"""Arguments of modules, by the start of their names, that may be given without a name: later ones come in another
order than those of the function."""


def call_library(tracing: Tracing, name: str, args: list[Any], kwargs: dict[str, Any], forward: bool) -> Any:
    """What a call of a name of torch becomes.

    Args:
        forward: whether `forward` runs, in which no layer is made.

    Raises:
        Refused: the name is not in the language, or its arguments are not allowed.
    """
    prefix, _, word = name.rpartition(".")
    if prefix == "nn":
        return _module(tracing, word, args, kwargs, forward)
    if name == "math.sqrt":
        return math.sqrt(bind(name, (Parameter("x", number(0.0)),), args, kwargs)["x"])
    if name in ("torch.cat", "torch.concat", "torch.stack"):
        given = bind(name, (Parameter("tensors", _tensors), Parameter("dim", whole(-8, 8), 0)), args, kwargs)
        return tracing.join("stack" if word == "stack" else "cat", given["tensors"], given.get("dim", 0))
    if prefix == "torch" and word in FILLED:
        shape = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
        found = bind(name, (Parameter("shape", several(1)),), [list(shape)], kwargs)
        return Filled(word, found["shape"])
    if name in _FUNCTIONS:
        return _function(tracing, name, args, kwargs)
    if prefix == "torch" and word in _TORCH_SHAPING:
        x, rest = _first_tensor(name, args, kwargs)
        return call_tensor_method(tracing, word, x, rest, kwargs)
    near = ", ".join(sorted(each for each in _FUNCTIONS if each.startswith(f"{prefix}."))[:30])
    raise Refused(f"not allowed: {name:.60}; allowed are {near or 'names of torch, nn and F'} ...")


def _function(tracing: Tracing, name: str, args: list[Any], kwargs: dict[str, Any]) -> TensorValue:
    operation = _FUNCTIONS[name]
    known = OPERATIONS[operation]
    tensors, rest = args[: known.inputs], args[known.inputs :]
    for key in ("input", "query", "key", "value")[: 4 if known.inputs > 1 else 1]:
        if key in kwargs and len(tensors) < known.inputs:
            tensors.append(kwargs.pop(key))
    if len(tensors) < known.inputs or not all(isinstance(x, TensorValue) for x in tensors):
        raise Refused(
            f"{name}: expected {known.inputs} tensors first, found {', '.join(map(shown, tensors)) or 'none'}"
        )
    parameters: Sequence[Parameter] = known.parameters
    if operation.startswith("dropout"):
        # Without it torch drops in evaluation, too.
        parameters = (*parameters, Parameter("training", _training), Parameter("inplace", flag, False, acts=False))
    at = bind(name, parameters, rest, kwargs)
    at.pop("training", None)
    return tracing.apply(operation, tensors, at)


def _training(value: Any) -> bool:
    if value is not TRAINING:
        raise ValueError("self.training")
    return True


def _tensors(value: Any) -> list[TensorValue]:
    if not isinstance(value, list | tuple) or not all(isinstance(x, TensorValue) for x in value):
        raise ValueError("a list of tensors")
    return list(value)


def _first_tensor(name: str, args: list[Any], kwargs: dict[str, Any]) -> tuple[TensorValue, list[Any]]:
    given = [kwargs.pop("input")] if not args and "input" in kwargs else args
    if not given or not isinstance(given[0], TensorValue):
        raise Refused(f"{name}: expected a tensor first, found {shown(given[0]) if given else 'none'}")
    return given[0], given[1:]


def _module(tracing: Tracing, word: str, args: list[Any], kwargs: dict[str, Any], forward: bool) -> Any:
    name = f"nn.{word}"
    if word in ("Sequential", "ModuleList"):
        items = args
        if word == "ModuleList" or (len(args) == 1 and isinstance(args[0], list | tuple)):
            if kwargs or len(args) > 1 or (args and not isinstance(args[0], list | tuple | Modules)):
                raise Refused(f"{name}: expected {'a list of modules' if word == 'ModuleList' else 'modules'}")
            if word == "Sequential":
                raise Refused("nn.Sequential: expected modules, found a list; write *layers")
            items = [] if not args else args[0].items if isinstance(args[0], Modules) else args[0]
        for each in items:
            if not isinstance(each, MODULE_VALUES):
                raise Refused(f"{name}: expected modules, found {shown(each)}")
        return Modules(word == "Sequential", list(items))
    if word == "Identity":
        return Stateless("", {})  # torch takes any arguments
    if word == "Flatten":
        return Stateless("flatten", bind(name, _FLATTEN, args, kwargs))
    if word == "Parameter":
        value = args[0] if len(args) == 1 else None
        if kwargs or not isinstance(value, Filled) or forward:
            raise Refused("nn.Parameter: expected torch.zeros, torch.ones or torch.randn of a shape, in __init__")
        return tracing.add_parameter(value)
    if word in MODULES or word in LAYERS:
        numbered = _NUMBERED.get(word[:3], 16)
        if len(args) > numbered:
            raise Refused(f"{name}: expected names for arguments after the first {numbered}")
    if word in MODULES:
        return Stateless(MODULES[word], bind(name, OPERATIONS[MODULES[word]].parameters, args, kwargs))
    if word in LAYERS:
        if forward:
            raise Refused("layers are made in __init__, not in forward")
        return tracing.add_layer(word, bind(name, LAYERS[word].parameters, args, kwargs))
    allowed = ", ".join([*LAYERS, *MODULES, "Sequential", "ModuleList", "Identity", "Flatten", "Parameter"])
    raise Refused(f"not allowed: {name:.60}; allowed are nn. with {allowed}")


def tensor_attribute(x: TensorValue, name: str) -> Any:
    """An attribute of a tensor: its shape, or a method.

    Raises:
        Refused: the language has no such attribute.
    """
    if name == "shape":
        return _sides(x)
    if name == "ndim":
        return x.meta.ndim
    if name in _METHODS or name in _SHAPING:
        return Method(x, name)
    raise Refused(f"a tensor has no attribute {name:.40} here; allowed are {', '.join([*_SHAPING, *_METHODS])}")


def _sides(x: TensorValue) -> tuple[Any, ...]:
    sides = tuple(x.meta.shape)
    return (BATCH, *sides[1:]) if x.batched else sides


def call_tensor_method(tracing: Tracing, name: str, x: TensorValue, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a call of a method of a tensor becomes.

    Raises:
        Refused: its arguments are not allowed.
    """
    if name in _METHODS:
        operation = OPERATIONS[_METHODS[name]]
        others = operation.inputs - 1
        given = [x, *args[:others]]
        if not all(isinstance(each, TensorValue) for each in given):
            raise Refused(f"{name}: expected a tensor")
        return tracing.apply(_METHODS[name], given, bind(name, operation.parameters, args[others:], kwargs))
    if name in ("view", "reshape", "permute", "expand"):
        sides = list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else args
        if kwargs:
            raise Refused(f"{name}: expected numbers without names")
        if name == "permute":
            return tracing.permute(x, sides)
        if name == "expand":
            rest_kept = all(
                type(side) is int and side in (-1, kept)
                for side, kept in zip(sides[1:], x.meta.shape[1:], strict=False)
            )
            if len(sides) != x.meta.ndim or sides[0] is not BATCH or not rest_kept:
                raise Refused("expand: expected x.size(0), then -1 for each other dimension")
            return tracing.expand(x)
        return tracing.reshape(x, sides)
    if name in ("add", "sub", "mul", "div", "pow"):
        return _arithmetic(tracing, name, x, args, kwargs)
    return _one_argument(tracing, name, x, args, kwargs)


def _arithmetic(tracing: Tracing, name: str, x: TensorValue, args: list[Any], kwargs: Mapping[str, Any]) -> TensorValue:
    if kwargs or len(args) != 1:
        raise Refused(f"{name}: expected one other tensor or number")
    other = args[0]
    if isinstance(other, TensorValue) and name != "pow":
        return tracing.elementwise(name, x, other)
    if type(other) not in (int, float) or (name == "div" and not other):
        raise Refused(f"{name}: expected a tensor or a number, found {shown(other)}")
    if name in ("add", "sub"):
        return tracing.with_number("add_number", x, other if name == "add" else -other)
    return tracing.with_number(f"{name}_number", x, other)


_DIM = Parameter("dim", whole(-8, 8))


def _one_argument(tracing: Tracing, name: str, x: TensorValue, args: list[Any], kwargs: dict[str, Any]) -> Any:
    parameters: dict[str, tuple[Parameter, ...]] = {
        "flatten": _FLATTEN,
        "transpose": (Parameter("dim0", whole(-8, 8)), Parameter("dim1", whole(-8, 8))),
        "unsqueeze": (_DIM,),
        "squeeze": (_DIM,),
        "size": (Parameter("dim", whole(-8, 8), None),),
        "chunk": (Parameter("chunks", whole(1, 64)), Parameter("dim", whole(-8, 8), 0)),
        "split": (Parameter("size", several(1)), Parameter("dim", whole(-8, 8), 0)),
        "dim": (), "contiguous": (), "float": (), "sqrt": (),
    }  # fmt: skip
    if name == "flatten":
        # torch begins with the examples where nothing is named.
        parameters["flatten"] = (Parameter("start_dim", whole(-8, 8), 0, acts=True), _FLATTEN[1])
    at = bind(name, parameters[name], args, kwargs)
    if name == "flatten":
        return tracing.flatten(x, at.get("start_dim", 0), at.get("end_dim", -1))
    if name == "transpose":
        order = list(range(x.meta.ndim))
        a, b = (tracing.dim(name, x, at[key]) for key in ("dim0", "dim1"))
        order[a], order[b] = order[b], order[a]
        return tracing.permute(x, order)
    if name == "unsqueeze":
        return tracing.unsqueeze(x, at["dim"])
    if name == "squeeze":
        return tracing.squeeze(x, at["dim"])
    if name == "size":
        sides = _sides(x)
        if "dim" not in at:
            return sides
        if not -len(sides) <= at["dim"] < len(sides):
            raise Refused(f"size: expected a dimension from 0 to {len(sides) - 1}, found {at['dim']}")
        return sides[at["dim"]]
    if name == "dim":
        return x.meta.ndim
    if name == "sqrt":
        return tracing.with_number("pow_number", x, 0.5)
    if name in ("chunk", "split"):
        return _parts(tracing, name, x, at)
    return x


def _parts(tracing: Tracing, name: str, x: TensorValue, at: Mapping[str, Any]) -> list[TensorValue]:
    dim = tracing.dim(name, x, at.get("dim", 0))
    side = x.meta.shape[dim]
    if name == "chunk":
        step = -(-side // at["chunks"])
        widths = [min(step, side - start) for start in range(0, side, step)]
    elif len(at["size"]) == 1:
        (step,) = at["size"]
        widths = [min(step, side - start) for start in range(0, side, step)]
    else:
        widths = list(at["size"])
    if sum(widths) != side:
        raise Refused(f"{name}: expected parts of {side} in all, found {sum(widths)}")
    starts = [sum(widths[:i]) for i in range(len(widths))]
    return [tracing.slice(x, dim, start, start + width) for start, width in zip(starts, widths, strict=True)]
