"""Runs a program: a torch module that is built from the graph, never from a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from supernets.code.canonical_code import layer_names
from supernets.code.operations import OPERATIONS, STRUCTURAL, make_layer
from supernets.code.program import Program

_DROPOUTS = {"dropout": F.dropout, "dropout1d": F.dropout1d, "dropout2d": F.dropout2d}


class CodeNetwork(nn.Module):
    """A network with fresh weights; its names are those of the canonical code, so state dicts fit both."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self._names = layer_names(program)
        for name, spec in zip(self._names, program.layers, strict=True):
            made = make_layer(spec.kind, dict(spec.attributes))
            if isinstance(made, nn.Parameter):
                self.register_parameter(name, made)
            else:
                self.add_module(name, made)
        uses = {given: i for i, node in enumerate(program.nodes) for given in node.inputs}
        self._last_use = [uses.get(i, len(program.nodes)) for i in range(len(program.nodes))]

    def forward(self, x: Tensor) -> Tensor:
        values: dict[int, Any] = {0: x}
        for i, node in enumerate(self.program.nodes[1:], 1):
            given, at = [values[j] for j in node.inputs], dict(node.attributes)
            values[i] = self._run(node.operation, node.layer, given, at)
            for j in set(node.inputs):
                if self._last_use[j] == i:
                    del values[j]  # what nobody reads again is freed
        result: Tensor = values[len(self.program.nodes) - 1]
        return result

    def _run(self, operation: str, layer: int | None, given: list[Any], at: dict[str, Any]) -> Any:
        if layer is not None:
            found = getattr(self, self._names[layer])
            if operation == "parameter":
                return found
            if isinstance(found, nn.MultiheadAttention):
                return found(*given, need_weights=False)[0]
            return found(*given)
        if operation in _DROPOUTS:
            (x,) = given
            return _DROPOUTS[operation](x, p=at.get("p", 0.5), training=self.training)
        if operation == "item":
            (values,) = given
            for index in at["index"]:
                values = values[index]
            return values
        run = OPERATIONS[operation].run if operation in OPERATIONS else STRUCTURAL[operation]
        if operation == "expand":
            return run(*given)
        return run(*given, **at)

    def load_named(self, weights: Mapping[str, Tensor]) -> None:
        """Copy the weights of the network whose text was translated, by the names that they have there.

        Raises:
            KeyError: a tensor is missing.
        """
        with torch.no_grad():
            for name, origin in zip(self._names, self.program.origins, strict=True):
                found = getattr(self, name)
                if isinstance(found, nn.Parameter):
                    found.copy_(weights[origin])
                    continue
                for key, tensor in found.state_dict().items():
                    tensor.copy_(weights[f"{origin}.{key}"])
