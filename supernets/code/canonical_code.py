"""Writes a program as PyTorch: the canonical text, which needs torch alone and which `translate` reads back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from supernets.code.operations import LAYERS, OPERATIONS
from supernets.code.program import LayerSpec, Node, Program

_HEAD = """import torch
import torch.nn as nn
import torch.nn.functional as F


class Network(nn.Module):
    def __init__(self):
        super().__init__()
"""


def canonical_code(program: Program) -> str:
    """The text of a program, the same for equal programs."""
    names = layer_names(program)
    lines = [f"        self.{name} = {_layer(spec)}" for name, spec in zip(names, program.layers, strict=True)]
    lines += ["", "    def forward(self, x):"]
    for i, node in enumerate(program.nodes):
        if i:
            lines.append(f"        {_variable(i)} = {_call(program, node, names)}")
    lines.append(f"        return {_variable(len(program.nodes) - 1)}")
    return _HEAD + "\n".join(lines) + "\n"


def layer_names(program: Program) -> list[str]:
    """Names of the layers in canonical code."""
    seen: Counter[str] = Counter()
    names = []
    for spec in program.layers:
        seen[spec.kind] += 1
        names.append(f"{spec.kind.lower()}{'_' if spec.kind[-1] == 'd' else ''}{seen[spec.kind]}")
    return names


def _variable(i: int) -> str:
    return f"x{i}" if i else "x"


def _layer(spec: LayerSpec) -> str:
    at = dict(spec.attributes)
    if spec.kind == "Parameter":
        scale = f" * {at['scale']!r}" if "scale" in at else ""
        return f"nn.Parameter(torch.{at['fill']}({', '.join(map(str, at['shape']))}){scale})"
    required = {each.name for each in LAYERS[spec.kind].parameters[:3]}
    first = [repr(at.pop(each.name)) for each in _leading(spec, required)]
    return f"nn.{spec.kind}({', '.join([*first, *(f'{key}={value!r}' for key, value in at.items())])})"


def _leading(spec: LayerSpec, allowed: set[str]) -> list[Any]:
    """Parameters that can be written without their names: the first ones, as long as each is given."""
    given, found = dict(spec.attributes), []
    for each in LAYERS[spec.kind].parameters:
        if each.name not in allowed or each.name not in given:
            break
        found.append(each)
    return found


def _call(program: Program, node: Node, names: list[str]) -> str:
    given, at = [_variable(i) for i in node.inputs], dict(node.attributes)
    if node.operation == "layer":
        assert node.layer is not None
        if program.layers[node.layer].kind == "MultiheadAttention":
            return f"self.{names[node.layer]}({', '.join(given)}, need_weights=False)[0]"
        return f"self.{names[node.layer]}({', '.join(given)})"
    if node.operation == "parameter":
        assert node.layer is not None
        return f"self.{names[node.layer]}"
    if node.operation in OPERATIONS:
        operation = OPERATIONS[node.operation]
        words = [f"{key}={value!r}" for key, value in at.items()]
        if node.operation.startswith("dropout"):
            words.append("training=self.training")
        return f"{operation.printed}({', '.join([*given, *words])})"
    return _STRUCTURAL[node.operation](given, at)


def _item(given: list[str], at: dict[str, Any]) -> str:
    (values,) = given
    return f"{values}[{']['.join(map(str, at['index']))}]"


def _slice(given: list[str], at: dict[str, Any]) -> str:
    step = f":{at['step']}" if "step" in at else ""
    return f"{given[0]}[{':, ' * at['dim']}{at['start']}:{at['stop']}{step}]"


_STRUCTURAL: Mapping[str, Callable[[list[str], dict[str, Any]], str]] = {
    "add": lambda given, at: " + ".join(given),
    "sub": lambda given, at: " - ".join(given),
    "mul": lambda given, at: " * ".join(given),
    "div": lambda given, at: " / ".join(given),
    "add_number": lambda given, at: f"{given[0]} + {at['value']!r}",
    "mul_number": lambda given, at: f"{given[0]} * {at['value']!r}",
    "div_number": lambda given, at: f"{given[0]} / {at['value']!r}",
    "pow_number": lambda given, at: f"{given[0]} ** {at['value']!r}",
    "cat": lambda given, at: f"torch.cat([{', '.join(given)}], dim={at['dim']})",
    "stack": lambda given, at: f"torch.stack([{', '.join(given)}], dim={at['dim']})",
    "reshape": lambda given, at: f"{given[0]}.reshape({', '.join(map(str, (-1, *at['shape'])))})",
    "permute": lambda given, at: f"{given[0]}.permute({', '.join(map(str, (0, *at['dims'])))})",
    "unsqueeze": lambda given, at: f"{given[0]}.unsqueeze({at['dim']})",
    "select": lambda given, at: f"{given[0]}[{':, ' * at['dim']}{at['index']}]",
    "slice": _slice,
    "expand": lambda given, at: f"{given[0]}.expand({given[1]}.size(0){', -1' * at['others']})",
    "item": _item,
    "last_state": lambda given, at: f"{given[0]}[{at['index']}]",
}
