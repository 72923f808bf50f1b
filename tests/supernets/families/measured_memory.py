"""Peak activation memory of a network, measured by running it operator by operator.

A first run records every function of tensors that the network calls. A second run calls them again one by one, lets
activations write over their input, frees each tensor after its last use, and adds up the storages that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

_OVERWRITING = {"relu", "hardtanh", "hardswish", "hardsigmoid", "gelu", "softmax"}
"""Functions that may write over their input; multiplication by a number may, too."""


@dataclass(frozen=True)
class _Call:
    function: Callable[..., Any]
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    result: Any

    @property
    def read(self) -> list[Tensor]:
        return _tensors((self.args, self.kwargs))

    @property
    def written(self) -> list[Tensor]:
        return _tensors(self.result)

    @property
    def overwrites(self) -> bool:
        name = self.function.__name__
        return name in _OVERWRITING or (name == "mul" and len(self.read) == 1)


class _Recorder(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[_Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.calls.append(_Call(func, args, kwargs or {}, result))
        return result


def measured_peak(network: nn.Module, image: Tensor) -> int:
    """The most values of activations that are alive at once; also checks that the second run gives the same logits."""
    with torch.no_grad(), _Recorder() as recorder:
        logits = network(image)
    calls = _dependent(recorder.calls, image)
    last_use = {id(tensor): i for i, call in enumerate(calls) for tensor in (*call.written, *call.read)}
    alive = {id(image): image.clone()}
    peak = 0
    for i, call in enumerate(calls):
        _run(call, alive, dying={key for key in alive if last_use[key] == i})
        peak = max(peak, _values(alive))
        if i < len(calls) - 1:
            alive = {key: tensor for key, tensor in alive.items() if last_use[key] > i}
    assert torch.equal(alive[id(logits)], logits)
    return peak


def _dependent(calls: Sequence[_Call], image: Tensor) -> list[_Call]:
    """The calls whose results depend on the image; those of the others are constants."""
    dependent, activations = [], {id(image)}
    for call in calls:
        if call.written and activations & {id(tensor) for tensor in call.read}:
            dependent.append(call)
            activations |= {id(tensor) for tensor in call.written}
    return dependent


def _run(call: _Call, alive: dict[int, Tensor], dying: set[int]) -> None:
    """Call the function on the tensors that are alive and add its results to them."""
    args, kwargs = pytree.tree_map_only(Tensor, lambda t: alive.get(id(t), t), (call.args, call.kwargs))
    results = _tensors(call.function(*args, **kwargs))
    if call.overwrites:
        (source,) = {id(tensor) for tensor in call.read} & alive.keys()
        storage = alive[source].untyped_storage().data_ptr()
        if all(key in dying for key, tensor in alive.items() if tensor.untyped_storage().data_ptr() == storage):
            results = [alive[source].copy_(results[0])]
    alive |= {id(recorded): result for recorded, result in zip(call.written, results, strict=True)}


def _values(alive: Mapping[int, Tensor]) -> int:
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() // t.itemsize for t in alive.values()}
    return sum(storages.values())


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]
