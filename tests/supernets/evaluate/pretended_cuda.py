"""Scoring on CUDA without a GPU: tensors that have a device, a type and a shape, but no values.

An operator that meets two devices fails as on a GPU, and what would make the host wait for the device is counted. It
says nothing about values, speed, or what libraries do inside.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

import supernets
from supernets.images.preprocessing import _of_channels
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

FREE = 64 * 2**30
"""Bytes of memory that the pretended device has."""
_HOME = str(Path(supernets.__file__).parent)
_aten = torch.ops.aten
_WAITING = (_aten._local_scalar_dense, _aten.nonzero, _aten.masked_select, _aten.equal, _aten.is_nonzero, _aten.item)
_as_numpy = Tensor.numpy


class Waits(TorchDispatchMode):
    """Counts, by line of the program, what waits for the device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.lines: Counter[str] = Counter()
        self.pinned: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        packet = func.overloadpacket
        given = [x for x in _flat([args, kwargs]) if isinstance(x, Tensor)]
        if func is _aten.native_batch_norm.out:
            # There is no rule for the shapes of this operator's results.
            if len({x.device for x in given}) != 1:
                raise RuntimeError(f"native_batch_norm on {sorted({str(x.device) for x in given})}")
            return kwargs["out"], kwargs["save_mean"], kwargs["save_invstd"]
        made = func(*args, **kwargs)
        on_cuda = any(x.device.type == "cuda" for x in [*given, *_flat([made])] if isinstance(x, Tensor))
        if on_cuda and (packet in _WAITING or self._copies(packet, args, kwargs, made) or _sends_index(packet, args)):
            self.lines[_line()] += 1
        return made

    def _copies(self, packet: Any, args: Any, kwargs: Any, made: Any) -> bool:
        """Whether it copies between devices and waits for it."""
        if packet not in (_aten._to_copy, _aten.copy_):
            return False
        source, target = (args[0], made) if packet is _aten._to_copy else (args[1], args[0])
        if source.device.type == target.device.type:
            return False
        from_pinned = id(source) in self.pinned and target.device.type == "cuda"
        return not (from_pinned and (kwargs.get("non_blocking") or True in args[2:]))


def _sends_index(packet: Any, args: Any) -> bool:
    if packet not in (_aten.index, _aten.index_put_, _aten.index_put):
        return False
    return any(i is not None and i.device.type == "cpu" for i in args[1]) and args[0].device.type == "cuda"


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, Sequence) and not isinstance(values, str):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def _line() -> str:
    """The innermost line of the program that is being run."""
    for frame in reversed(traceback.extract_stack()):
        if frame.filename.startswith(_HOME):
            return f"{Path(frame.filename).name}:{frame.lineno}"
    return "a test"


@contextmanager
def pretended_cuda(net: Supernet, archs: Sequence[Architecture]) -> Iterator[Waits]:
    """Inside, new tensors may be on `cuda`, and `net` can be sent there and score `archs`."""
    waits = Waits()
    # Templates of steps are kept for all networks of a process, so none may be made inside.
    for a in (*archs, net.space.largest()):
        net.path(a)

    def pin(self: Tensor) -> Tensor:
        made = self.clone()
        waits.pinned.add(id(made))
        return made

    with (
        patch.object(nn.Module, "_apply", _apply),
        patch.object(Tensor, "__deepcopy__", _deepcopy),
        patch.object(Tensor, "numpy", _numpy),
        patch.object(FakeTensor, "tolist", _tolist),
        patch.object(Tensor, "pin_memory", pin),
        patch.object(torch.cuda, "mem_get_info", lambda device=None: (FREE, FREE)),
        patch.object(torch.cuda, "memory_reserved", lambda device=None: 0),
        patch.object(torch.cuda, "memory_allocated", lambda device=None: 0),
        patch.object(torch.cuda, "get_device_name", lambda device=None: "no card"),
        FakeTensorMode(allow_non_fake_inputs=True),
        waits,
    ):
        yield waits
    _of_channels.cache_clear()


def _apply(module: nn.Module, change: Any, recurse: bool = True) -> nn.Module:
    """PyTorch's own swaps tensors, which pretended ones refuse."""
    for child in module.children():
        _apply(child, change)
    for name, p in module._parameters.items():
        if p is not None:
            with torch.no_grad():
                module._parameters[name] = nn.Parameter(change(p), p.requires_grad)
    for name, b in module._buffers.items():
        if b is not None:
            module._buffers[name] = change(b)
    return module


def _deepcopy(x: Tensor, memo: dict[int, Any]) -> Tensor:
    with torch.no_grad():
        made = x.detach().clone()
    memo[id(x)] = copied = nn.Parameter(made, x.requires_grad) if isinstance(x, nn.Parameter) else made
    return copied


def _tolist(x: Tensor) -> Any:
    """Ones in place of values, so that flags say that all is well."""
    return np.ones(tuple(x.shape), _DTYPES[x.dtype]).tolist()


def _numpy(x: Tensor, **options: Any) -> Any:
    if not isinstance(x, FakeTensor):
        return _as_numpy(x, **options)
    if x.device.type != "cpu":
        raise TypeError(f"numpy() of a tensor on {x.device}")
    return np.zeros(tuple(x.shape), _DTYPES[x.dtype])


_DTYPES = {torch.bool: np.bool_, torch.float16: np.float16, torch.float32: np.float32, torch.int64: np.int64,
           torch.uint8: np.uint8}  # fmt: skip
