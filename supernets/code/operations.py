"""What the language has: layers with weights, and operations without any, with the arguments that they may have.

Notable: a function is found by the name that a text writes, in these tables alone; nothing is looked up in torch by a
name from a text. The first dimension of a tensor is that of the examples, and no operation mixes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from supernets.code.signature import Parameter, either, flag, number, one_of, several, sizes, whole

INPLACE = Parameter("inplace", flag, False, acts=False)
_DIM = Parameter("dim", whole(-8, 8))
_KEEP = Parameter("keepdim", flag, False)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A function of tensors."""

    run: Callable[..., Tensor]
    """Called with the tensors and the attributes."""
    parameters: tuple[Parameter, ...] = ()
    inputs: int = 1
    ndim: tuple[int, ...] = ()
    """Allowed numbers of dimensions with that of the examples; empty for any."""
    printed: str = ""
    """The function in canonical code, with its prefix."""
    module: str = ""
    """Name in `nn` of the module that does the same; empty if there is none."""
    torch_name: str = ""
    """Name in `torch`, and of the method of a tensor; empty if there is none."""


def _unary(name: str, *parameters: Parameter, module: str = "", in_torch: bool = False) -> Operation:
    run: Callable[..., Tensor] = getattr(torch if in_torch else F, name)
    prefix = "torch" if in_torch else "F"
    return Operation(
        run=run, parameters=parameters, printed=f"{prefix}.{name}", module=module,
        torch_name=name if in_torch or name in ("relu", "softmax", "log_softmax", "selu") else "",
    )  # fmt: skip


def _pool(kind: str, count: int, *more: Parameter) -> Operation:
    return Operation(
        run=getattr(F, f"{kind}_pool{count}d"),
        parameters=(
            Parameter("kernel_size", sizes(count, 1, 256)),
            Parameter("stride", either(sizes(count, 1, 256), one_of(None)), None),
            Parameter("padding", sizes(count, 0, 128), 0),
            *more,
        ),
        ndim=(count + 2,), printed=f"F.{kind}_pool{count}d", module=f"{kind.capitalize()}Pool{count}d",
    )  # fmt: skip


def _adaptive(kind: str, count: int) -> Operation:
    return Operation(
        run=getattr(F, f"adaptive_{kind}_pool{count}d"), parameters=(Parameter("output_size", sizes(count, 1, 256)),),
        ndim=(count + 2,), printed=f"F.adaptive_{kind}_pool{count}d", module=f"Adaptive{kind.capitalize()}Pool{count}d",
    )  # fmt: skip


def _dropout(name: str, module: str, *ndim: int) -> Operation:
    return Operation(
        run=getattr(F, name), parameters=(Parameter("p", number(0.0, 0.95), 0.5),), ndim=ndim, printed=f"F.{name}",
        module=module,
    )  # fmt: skip


def _reduce(name: str) -> Operation:
    return Operation(
        run=getattr(torch, name), parameters=(Parameter("dim", several(-8, 8)), _KEEP), printed=f"torch.{name}",
        torch_name=name,
    )  # fmt: skip


_CEIL = Parameter("ceil_mode", flag, False)
OPERATIONS: Mapping[str, Operation] = {
    "relu": _unary("relu", INPLACE, module="ReLU"),
    "relu6": _unary("relu6", INPLACE, module="ReLU6"),
    "leaky_relu": _unary("leaky_relu", Parameter("negative_slope", number(), 0.01), INPLACE, module="LeakyReLU"),
    "elu": _unary("elu", Parameter("alpha", number(), 1.0), INPLACE, module="ELU"),
    "selu": _unary("selu", INPLACE, module="SELU"),
    "gelu": _unary("gelu", Parameter("approximate", one_of("none", "tanh"), "none"), module="GELU"),
    "silu": _unary("silu", INPLACE, module="SiLU"),
    "mish": _unary("mish", INPLACE, module="Mish"),
    "hardswish": _unary("hardswish", INPLACE, module="Hardswish"),
    "hardsigmoid": _unary("hardsigmoid", INPLACE, module="Hardsigmoid"),
    "softplus": _unary("softplus", module="Softplus"),
    "sigmoid": _unary("sigmoid", module="Sigmoid", in_torch=True),
    "tanh": _unary("tanh", module="Tanh", in_torch=True),
    "abs": _unary("abs", in_torch=True),
    "exp": _unary("exp", in_torch=True),
    "sin": _unary("sin", in_torch=True),
    "cos": _unary("cos", in_torch=True),
    "square": _unary("square", in_torch=True),
    "softmax": _unary("softmax", _DIM, module="Softmax"),
    "log_softmax": _unary("log_softmax", _DIM, module="LogSoftmax"),
    "glu": _unary("glu", Parameter("dim", whole(-8, 8), -1), module="GLU"),
    "normalize": _unary("normalize", Parameter("p", number(1.0, 8.0), 2.0), Parameter("dim", whole(-8, 8), 1)),
    "max_pool1d": _pool("max", 1, Parameter("dilation", sizes(1, 1, 64), 1), _CEIL),
    "max_pool2d": _pool("max", 2, Parameter("dilation", sizes(2, 1, 64), 1), _CEIL),
    "avg_pool1d": _pool("avg", 1, _CEIL, Parameter("count_include_pad", flag, True)),
    "avg_pool2d": _pool("avg", 2, _CEIL, Parameter("count_include_pad", flag, True)),
    "adaptive_avg_pool1d": _adaptive("avg", 1),
    "adaptive_avg_pool2d": _adaptive("avg", 2),
    "adaptive_max_pool1d": _adaptive("max", 1),
    "adaptive_max_pool2d": _adaptive("max", 2),
    "dropout": _dropout("dropout", "Dropout"),
    "dropout1d": _dropout("dropout1d", "Dropout1d", 3),
    "dropout2d": _dropout("dropout2d", "Dropout2d", 4),
    "mean": _reduce("mean"),
    "sum": _reduce("sum"),
    "amax": _reduce("amax"),
    "amin": _reduce("amin"),
    "pixel_shuffle": Operation(
        run=F.pixel_shuffle, parameters=(Parameter("upscale_factor", whole(1, 16)),), ndim=(4,),
        printed="F.pixel_shuffle", module="PixelShuffle",
    ),
    "pad": Operation(
        run=F.pad, parameters=(Parameter("pad", several(0, 128)), Parameter("mode", one_of("constant"), "constant"),
                               Parameter("value", number(), 0.0)),
        printed="F.pad",
    ),
    "interpolate": Operation(
        run=F.interpolate,
        parameters=(
            Parameter("size", either(sizes(2, 1, 512), one_of(None)), None),
            Parameter("scale_factor", either(number(0.1, 8.0), one_of(None)), None),
            Parameter("mode", one_of("nearest", "linear", "bilinear"), "nearest"),
            Parameter("align_corners", either(flag, one_of(None)), None),
        ),
        ndim=(3, 4), printed="F.interpolate", module="Upsample",
    ),
    "scaled_dot_product_attention": Operation(
        run=F.scaled_dot_product_attention, parameters=(Parameter("is_causal", flag, False),), inputs=3, ndim=(3, 4),
        printed="F.scaled_dot_product_attention",
    ),
    "matmul": Operation(run=torch.matmul, inputs=2, printed="torch.matmul", torch_name="matmul"),
}  # fmt: skip
"""Operations that a text calls by name."""

# Operations below are written as operators, methods or indices, so the reader and the printer know each by itself.


def _slice(x: Tensor, dim: int, start: int, stop: int, step: int = 1) -> Tensor:
    return x[(slice(None),) * dim + (slice(start, stop, step),)]


def _expand(p: Tensor, x: Tensor) -> Tensor:
    return p.expand(x.shape[0], *p.shape[1:])


STRUCTURAL: Mapping[str, Callable[..., Any]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "add_number": lambda x, value: x + value,
    "mul_number": lambda x, value: x * value,
    "div_number": lambda x, value: x / value,
    "pow_number": lambda x, value: x**value,
    "cat": lambda *tensors, dim: torch.cat(tensors, dim),
    "stack": lambda *tensors, dim: torch.stack(tensors, dim),
    "reshape": lambda x, shape: x.reshape(x.shape[0], *shape),
    "permute": lambda x, dims: x.permute(0, *dims),
    "unsqueeze": lambda x, dim: x.unsqueeze(dim),
    "select": lambda x, dim, index: x.select(dim, index),
    "slice": _slice,
    "expand": _expand,
    "item": lambda values, index: values[index],
    "last_state": lambda states, index: states[index],
    "parameter": lambda p: p,
}
COMMUTATIVE = frozenset({"add", "mul"})


@dataclass(frozen=True, kw_only=True)
class LayerKind:
    """A layer with weights or statistics."""

    parameters: tuple[Parameter, ...]
    ndim: tuple[int, ...] = ()
    macs: Callable[[Mapping[str, Any], Sequence[int], Sequence[int]], int] = lambda attributes, given, made: 0
    """MACs of an example from all arguments, and the shapes of one example before and after."""


def _product(values: Sequence[int]) -> int:
    total = 1
    for value in values:
        total *= value
    return total


def _conv(count: int) -> LayerKind:
    def macs(at: Mapping[str, Any], given: Sequence[int], made: Sequence[int]) -> int:
        kernel = at["kernel_size"]
        taps = _product(kernel) if isinstance(kernel, tuple) else kernel**count
        return _product(made) * int(at["in_channels"] // at["groups"]) * int(taps)

    return LayerKind(
        parameters=(
            Parameter("in_channels", whole(1)),
            Parameter("out_channels", whole(1)),
            Parameter("kernel_size", sizes(count, 1, 256)),
            Parameter("stride", sizes(count, 1, 64), 1),
            Parameter("padding", either(sizes(count, 0, 128), one_of("same", "valid")), 0),
            Parameter("dilation", sizes(count, 1, 64), 1),
            Parameter("groups", whole(1), 1),
            Parameter("bias", flag, True),
        ),
        ndim=(count + 2,), macs=macs,
    )  # fmt: skip


_EPS = Parameter("eps", number(1e-12, 1.0), 1e-5)


def _batch_norm(*ndim: int) -> LayerKind:
    momentum = Parameter("momentum", number(0.0, 1.0), 0.1)
    affine = Parameter("affine", flag, True)
    return LayerKind(parameters=(Parameter("num_features", whole(1)), _EPS, momentum, affine), ndim=ndim)


def _recurrent(gates: int) -> LayerKind:
    def macs(at: Mapping[str, Any], given: Sequence[int], made: Sequence[int]) -> int:
        directions, hidden = 1 + at["bidirectional"], at["hidden_size"]
        first, later = at["input_size"], directions * hidden
        wide = first + (at["num_layers"] - 1) * later + at["num_layers"] * hidden
        total: int = int(given[0]) * directions * gates * hidden * wide
        return total

    return LayerKind(
        parameters=(
            Parameter("input_size", whole(1)),
            Parameter("hidden_size", whole(1, 1024)),
            Parameter("num_layers", whole(1, 8), 1),
            Parameter("bias", flag, True),
            Parameter("batch_first", one_of(True)),
            Parameter("dropout", number(0.0, 0.95), 0.0),
            Parameter("bidirectional", flag, False),
        ),
        ndim=(3,), macs=macs,
    )  # fmt: skip


def _attention_macs(at: Mapping[str, Any], given: Sequence[int], made: Sequence[int]) -> int:
    length, width = given
    return int(4 * length * width * width + 2 * length * length * width)


LAYERS: Mapping[str, LayerKind] = {
    "Conv1d": _conv(1),
    "Conv2d": _conv(2),
    "Linear": LayerKind(
        parameters=(
            Parameter("in_features", whole(1, 65_536)),
            Parameter("out_features", whole(1, 16_384)),
            Parameter("bias", flag, True),
        ),
        macs=lambda at, given, made: _product(made) * int(at["in_features"]),
    ),
    "BatchNorm1d": _batch_norm(2, 3),
    "BatchNorm2d": _batch_norm(4),
    "InstanceNorm1d": LayerKind(
        parameters=(Parameter("num_features", whole(1)), _EPS, Parameter("momentum", number(0, 1), 0.1),
                    Parameter("affine", flag, False)), ndim=(3,)
    ),
    "InstanceNorm2d": LayerKind(
        parameters=(Parameter("num_features", whole(1)), _EPS, Parameter("momentum", number(0, 1), 0.1),
                    Parameter("affine", flag, False)), ndim=(4,)
    ),
    "LayerNorm": LayerKind(
        parameters=(Parameter("normalized_shape", several(1)), _EPS, Parameter("elementwise_affine", flag, True))
    ),
    "GroupNorm": LayerKind(
        parameters=(Parameter("num_groups", whole(1)), Parameter("num_channels", whole(1)), _EPS,
                    Parameter("affine", flag, True)), ndim=(2, 3, 4)
    ),
    "PReLU": LayerKind(
        parameters=(Parameter("num_parameters", whole(1), 1), Parameter("init", number(), 0.25)), ndim=(2, 3, 4)
    ),
    "GRU": _recurrent(3),
    "LSTM": _recurrent(4),
    "MultiheadAttention": LayerKind(
        parameters=(Parameter("embed_dim", whole(1, 2048)), Parameter("num_heads", whole(1, 64)),
                    Parameter("dropout", number(0.0, 0.95), 0.0), Parameter("bias", flag, True),
                    Parameter("batch_first", one_of(True))),
        ndim=(3,), macs=_attention_macs,
    ),
}  # fmt: skip
"""Layers by their name in `nn`; their weights are this program's to make."""
RECURRENT = frozenset({"GRU", "LSTM"})
FILLED: Mapping[str, Callable[..., Tensor]] = {"zeros": torch.zeros, "ones": torch.ones, "randn": torch.randn}
"""Values that an `nn.Parameter` may begin with."""
MODULES = {operation.module: name for name, operation in OPERATIONS.items() if operation.module}


def make_layer(kind: str, attributes: Mapping[str, Any], device: str = "cpu") -> nn.Module | nn.Parameter:
    """A layer of `LAYERS` with fresh weights, or a parameter."""
    if kind == "Parameter":
        made = FILLED[attributes["fill"]](*attributes["shape"], device=device)
        return nn.Parameter(made * attributes.get("scale", 1.0))
    made_layer: nn.Module = getattr(nn, kind)(**attributes, device=device)
    return made_layer


def all_arguments(kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a layer with the defaults of the others."""
    return {each.name: attributes.get(each.name, each.default) for each in LAYERS[kind].parameters}
