"""Grows the graph of a network: each operation is checked on stand-ins without data, and added once.

The first dimension of a tensor is that of the examples. What would mix examples, or lose that dimension, is refused:
then a score of one example cannot depend on another, and the graph holds for any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from supernets.code.operations import (
    COMMUTATIVE,
    LAYERS,
    OPERATIONS,
    RECURRENT,
    STRUCTURAL,
    all_arguments,
    make_layer,
)
from supernets.code.program import INPUT, LayerSpec, Node, Program, Shape
from supernets.code.refusal import Refused
from supernets.code.signature import Attributes
from supernets.code.values import BATCH, Filled, Layer, States, TensorValue

EXAMPLES = 2
"""Of the stand-ins."""
MOST_LAYERS, MOST_OPERATIONS = 250, 500
MOST_PARAMETERS = 50_000_000
LARGEST_TENSOR = 1 << 22
"""Numbers of one example."""


class Tracing:
    """The graph of one network while its text is interpreted."""

    def __init__(self, input_shape: Shape) -> None:
        self.layers: list[LayerSpec] = []
        self._modules: list[nn.Module | None] = []
        self._nodes: list[Node] = [Node(INPUT, shape=input_shape)]
        self._known: dict[tuple[Any, ...], TensorValue] = {}
        self.input = TensorValue(0, torch.empty((EXAMPLES, *input_shape), device="meta"))

    def program(self, output: TensorValue, origins: Mapping[int, str]) -> Program:
        """The program that ends with `output`, its layers not yet in canonical order."""
        names = tuple(origins.get(i, "") for i in range(len(self.layers)))
        return Program(tuple(self.layers), tuple(self._nodes[: output.node + 1]), names)

    # Layers.

    def add_layer(self, kind: str, attributes: dict[str, Any]) -> Layer:
        made = self._made(kind, lambda: make_layer(kind, attributes, "meta"))
        self._register(LayerSpec(kind, tuple(attributes.items()), sum(p.numel() for p in made.parameters())), made)
        return Layer(len(self.layers) - 1, kind, all_arguments(kind, attributes))

    def add_parameter(self, filled: Filled) -> TensorValue:
        numbers = _count(filled.shape)
        at: Attributes = (("fill", filled.fill), ("shape", filled.shape))
        if filled.scale != 1.0 and filled.fill != "zeros":
            at += (("scale", filled.scale),)
        self._register(LayerSpec("Parameter", at, numbers), None)
        layer = len(self.layers) - 1
        meta = torch.empty(filled.shape, device="meta")
        return self._add("parameter", (), {}, lambda: meta, layer=layer, batched=False)

    def parameter(self, x: TensorValue) -> int | None:
        """The number of the parameter that a tensor is; None if it is another tensor."""
        node = self._nodes[x.node]
        return node.layer if node.operation == "parameter" else None

    def _register(self, spec: LayerSpec, module: nn.Module | None) -> None:
        self.layers.append(spec)
        self._modules.append(module)
        if len(self.layers) > MOST_LAYERS:
            raise Refused(f"expected at most {MOST_LAYERS} layers, found more")
        if (total := sum(layer.params for layer in self.layers)) > MOST_PARAMETERS:
            raise Refused(f"expected at most {MOST_PARAMETERS:,} parameters, found {total:,}")

    def call_layer(self, layer: Layer, given: Sequence[TensorValue]) -> Any:
        """The result of a layer: a tensor, or a tensor and states for a recurrent one, or with None for attention."""
        kind, attributes = layer.name, LAYERS[layer.name]
        expected = 3 if kind == "MultiheadAttention" else 1
        if len(given) != expected:
            raise Refused(f"nn.{kind}: expected {expected} tensors, found {len(given)}")
        for x in given:
            self._check_ndim(f"nn.{kind}", x, attributes.ndim or tuple(range(2, 7)))
        if kind in RECURRENT:
            return self._call_recurrent(layer, given[0])
        if kind == "MultiheadAttention":
            query, key, value = given
            width = layer.arguments["embed_dim"]
            if {x.meta.shape[2] for x in given} != {width} or key.meta.shape != value.meta.shape:
                raise Refused(f"nn.{kind}: expected {width} features in all three, found {self._shapes(given)}")
            return self._add("layer", given, {}, lambda: query.meta, layer=layer.index), None
        module = self._modules[layer.index]
        assert module is not None
        if kind == "LayerNorm" and len(layer.arguments["normalized_shape"]) >= given[0].meta.ndim:
            raise Refused("nn.LayerNorm: expected to normalise within an example, found as many dimensions as it has")
        return self._add("layer", given, {}, lambda: module.eval()(given[0].meta), layer=layer.index)

    def _call_recurrent(self, layer: Layer, x: TensorValue) -> tuple[Any, Any]:
        at = layer.arguments
        if x.meta.shape[2] != at["input_size"]:
            raise Refused(f"nn.{layer.name}: expected {at['input_size']} features, found {self._shapes([x])}")
        directions, hidden = 1 + at["bidirectional"], at["hidden_size"]
        whole = self._add(
            "layer", [x], {}, lambda: x.meta.new_empty((EXAMPLES, 0)), layer=layer.index
        )  # several tensors: no shape of its own
        out = self._add(
            "item", [whole], {"index": (0,)}, lambda: x.meta.new_empty((*x.meta.shape[:2], directions * hidden))
        )

        def states(*index: int) -> States:
            meta = x.meta.new_empty((EXAMPLES, hidden))
            found = self._add("item", [whole], {"index": index}, lambda: x.meta.new_empty((EXAMPLES, 0)))
            return States(found.node, meta, directions * at["num_layers"])

        return out, ((states(1, 0), states(1, 1)) if layer.name == "LSTM" else states(1))

    def state(self, states: States, index: int) -> TensorValue:
        if not -states.count <= index < states.count:
            raise Refused(f"expected a state from 0 to {states.count - 1}, found {index}")
        given = TensorValue(states.node, states.meta)
        index = index % states.count - states.count  # the last is -1, whatever their number
        return self._add("last_state", [given], {"index": index}, lambda: states.meta)

    # Operations with a name.

    def apply(self, name: str, given: Sequence[TensorValue], attributes: Mapping[str, Any]) -> TensorValue:
        operation, at = OPERATIONS[name], dict(attributes)
        if len(given) != operation.inputs:
            raise Refused(f"{operation.printed}: expected {operation.inputs} tensors, found {len(given)}")
        if name == "matmul":
            return self._matmul(*given)
        x = given[0]
        if operation.ndim or any(each.name in ("dim", "pad") for each in operation.parameters):
            self._check_ndim(operation.printed, x, operation.ndim or tuple(range(2, 7)))
        defaults = {each.name: each.default for each in operation.parameters}
        if "dim" in defaults:
            at = self._with_dims(operation.printed, x, {**at, "dim": at.get("dim", defaults["dim"])})
        if name == "pad" and (len(at["pad"]) % 2 or len(at["pad"]) > 2 * (x.meta.ndim - 1)):
            raise Refused("F.pad: expected two numbers for each of the last dimensions, the examples not among them")
        if "pool" in name and at.get("stride") == at.get("kernel_size"):
            at.pop("stride", None)
        if name.startswith("dropout") and at.get("p") == 0.0:
            return x
        if operation.inputs > 1 and len({each.meta.ndim for each in given}) > 1:
            raise Refused(f"{operation.printed}: expected tensors of as many dimensions, found {self._shapes(given)}")
        called = {**at, "training": False} if name.startswith("dropout") else at
        return self._add(name, given, at, lambda: operation.run(*(each.meta for each in given), **called))

    def _with_dims(self, name: str, x: TensorValue, at: dict[str, Any]) -> dict[str, Any]:
        dims = at["dim"] if isinstance(at["dim"], tuple) else (at["dim"],)
        found = tuple(sorted({self.dim(name, x, each) for each in dims}))
        return {**at, "dim": found if isinstance(at["dim"], tuple) and len(found) > 1 else found[0]}

    def dim(self, name: str, x: TensorValue, dim: Any, beyond: int = 0) -> int:
        """A dimension of `x` from 1, that of the examples excluded; `beyond`: how many more there may be."""
        ndim = x.meta.ndim + beyond
        if type(dim) is not int or not -ndim <= dim < ndim:
            raise Refused(f"{name}: expected a dimension of {self._shapes([x])}, found {dim!r:.20}")
        if (dim % ndim) == 0:
            raise Refused(f"{name}: dimension 0 is that of the examples; expected another")
        return dim % ndim

    def _matmul(self, a: TensorValue, b: TensorValue) -> TensorValue:
        same = a.batched and b.batched and a.meta.ndim == b.meta.ndim >= 3
        if not same and not (a.batched and not b.batched and b.meta.ndim == 2):
            raise Refused(
                "a matrix product needs two tensors of the same number of dimensions, at least 3, or a parameter of 2 "
                f"on the right; found {self._shapes([a, b])}"
            )
        return self._add("matmul", [a, b], {}, lambda: torch.matmul(a.meta, b.meta))

    # Operators, methods and indices.

    def elementwise(self, name: str, a: TensorValue, b: TensorValue) -> TensorValue:
        if a.batched and b.batched and a.meta.ndim != b.meta.ndim:
            raise Refused(f"{name}: expected as many dimensions on both sides, found {self._shapes([a, b])}")
        for x, other in ((a, b), (b, a)):
            if not x.batched and other.batched:
                wide = x.meta.ndim > other.meta.ndim or (x.meta.ndim == other.meta.ndim and x.meta.shape[0] != 1)
                if wide:
                    raise Refused(f"{name}: the parameter has a dimension for the examples: {self._shapes([a, b])}")
        given = sorted((a, b), key=lambda x: x.node) if name in COMMUTATIVE else [a, b]
        return self._add(name, given, {}, lambda: STRUCTURAL[name](given[0].meta, given[1].meta))

    def with_number(self, name: str, x: TensorValue, value: float) -> TensorValue:
        return self._add(name, [x], {"value": value}, lambda: STRUCTURAL[name](x.meta, value))

    def join(self, name: str, given: Sequence[TensorValue], dim: int) -> TensorValue:
        if not given:
            raise Refused(f"torch.{name}: expected a list of tensors, found none")
        if any(not x.batched for x in given) or len({x.meta.ndim for x in given}) > 1:
            raise Refused(f"torch.{name}: expected tensors of as many dimensions, found {self._shapes(given)}")
        dim = self.dim(f"torch.{name}", given[0], dim, beyond=name == "stack")
        return self._add(name, given, {"dim": dim}, lambda: STRUCTURAL[name](*(x.meta for x in given), dim=dim))

    def reshape(self, x: TensorValue, sides: Sequence[Any]) -> TensorValue:
        self._check_batched("reshape", x)
        numbers = _count(x.meta.shape[1:])
        first, rest = (sides[0], list(sides[1:])) if sides else (None, [])
        if not rest or any(type(side) is not int or side < -1 or side == 0 for side in rest) or rest.count(-1) > 1:
            raise Refused("reshape: expected the number of examples, then whole numbers of which one may be -1")
        if first is not BATCH and (first != -1 or type(first) is not int or -1 in rest):
            raise Refused("reshape: expected x.size(0) first, or -1 with no other -1: the examples stay apart")
        known = _count([side for side in rest if side != -1])
        if -1 in rest and numbers % known == 0:
            rest[rest.index(-1)] = numbers // known
        if _count(rest) != numbers:
            raise Refused(f"reshape: expected {numbers:,} numbers for each example, found {rest}")
        return self._shaped(x, tuple(rest))

    def flatten(self, x: TensorValue, start: Any, end: Any) -> TensorValue:
        self._check_batched("flatten", x)
        start, end = self.dim("flatten", x, start), self.dim("flatten", x, end)
        if start > end:
            raise Refused(f"flatten: expected a first dimension before the last, found {start} and {end}")
        shape = tuple(x.meta.shape[1:])
        return self._shaped(x, (*shape[: start - 1], _count(shape[start - 1 : end]), *shape[end:]))

    def squeeze(self, x: TensorValue, dim: Any) -> TensorValue:
        dim = self.dim("squeeze", x, dim)
        shape = list(x.meta.shape[1:])
        if shape[dim - 1] == 1 and len(shape) > 1:
            del shape[dim - 1]
        return self._shaped(x, tuple(shape))

    def unsqueeze(self, x: TensorValue, dim: Any) -> TensorValue:
        self._check_batched("unsqueeze", x)
        dim = self.dim("unsqueeze", x, dim, beyond=1)
        shape = list(x.meta.shape[1:])
        shape.insert(dim - 1, 1)
        return self._shaped(x, tuple(shape))

    def _shaped(self, x: TensorValue, shape: Shape) -> TensorValue:
        if shape == tuple(x.meta.shape[1:]):
            return x
        node = self._nodes[x.node]
        if node.operation == "reshape":  # of a reshaped tensor: one is enough
            x = TensorValue(node.inputs[0], x.meta.new_empty((EXAMPLES, *self._nodes[node.inputs[0]].shape)))
            if shape == self._nodes[x.node].shape:
                return x
        return self._add("reshape", [x], {"shape": shape}, lambda: x.meta.new_empty((EXAMPLES, *shape)))

    def permute(self, x: TensorValue, dims: Sequence[Any]) -> TensorValue:
        self._check_batched("permute", x)
        ndim = x.meta.ndim
        if any(type(dim) is not int for dim in dims) or sorted(d % ndim for d in dims) != list(range(ndim)):
            raise Refused(f"permute: expected each of {ndim} dimensions once")
        order = tuple(d % ndim for d in dims)
        if order[0] != 0:
            raise Refused(
                "permute: dimension 0 is that of the examples and stays first; recurrent and attention layers take "
                "batch_first=True"
            )
        if order == tuple(range(ndim)):
            return x
        return self._add("permute", [x], {"dims": order[1:]}, lambda: x.meta.permute(order))

    def select(self, x: TensorValue, dim: int, index: int) -> TensorValue:
        side = x.meta.shape[dim]
        if not -side <= index < side:
            raise Refused(f"expected an index from 0 to {side - 1}, found {index}")
        at = {"dim": dim, "index": index % side}
        return self._add("select", [x], at, lambda: x.meta.select(dim, index))

    def slice(self, x: TensorValue, dim: int, start: int, stop: int, step: int = 1) -> TensorValue:
        if start == 0 and stop == x.meta.shape[dim] and step == 1:
            return x
        if start >= stop:
            raise Refused(f"expected part of {x.meta.shape[dim]} entries, found none of them")
        at = {"dim": dim, "start": start, "stop": stop, **({"step": step} if step > 1 else {})}
        return self._add("slice", [x], at, lambda: STRUCTURAL["slice"](x.meta, **at))

    def expand(self, x: TensorValue) -> TensorValue:
        if x.batched or x.meta.shape[0] != 1:
            raise Refused("expand: expected a parameter whose first dimension is 1, and -1 for the others")
        at = {"others": x.meta.ndim - 1}
        meta = self.input.meta.new_empty((EXAMPLES, *x.meta.shape[1:]))
        return self._add("expand", [x, self.input], at, lambda: meta, batched=True)

    # Common.

    def _add(
        self,
        operation: str,
        given: Sequence[TensorValue],
        attributes: Mapping[str, Any],
        run: Callable[[], Tensor],
        *,
        layer: int | None = None,
        batched: bool | None = None,
    ) -> TensorValue:
        inputs, at = tuple(x.node for x in given), tuple(attributes.items())
        key = (operation, inputs, at, layer)
        if key in self._known:
            return self._known[key]
        meta: Tensor = self._made(operation, run)
        examples = any(x.batched for x in given) if batched is None else batched
        shape = tuple(meta.shape[1:] if examples else meta.shape)
        if examples and (meta.ndim == 0 or meta.shape[0] != EXAMPLES):
            raise Refused(f"{operation}: expected the examples to stay apart, found a result of {shape}")
        if _count(shape) > LARGEST_TENSOR:
            raise Refused(f"expected at most {LARGEST_TENSOR:,} numbers in a tensor, found {_count(shape):,}")
        self._nodes.append(Node(operation, inputs, at, layer, shape))
        if len(self._nodes) > MOST_OPERATIONS:
            raise Refused(f"expected at most {MOST_OPERATIONS} operations, found more")
        made = TensorValue(len(self._nodes) - 1, meta, examples)
        if not operation.startswith("dropout"):  # each call of it drops others
            self._known[key] = made
        return made

    def _made(self, name: str, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise Refused(f"{name}: torch refuses it: {said:.200}") from None

    def _check_batched(self, name: str, x: TensorValue) -> None:
        if not x.batched:
            raise Refused(f"{name}: expected a tensor with examples, found a parameter; add it to one first")

    def _check_ndim(self, name: str, x: TensorValue, expected: Sequence[int]) -> None:
        self._check_batched(name, x)
        if x.meta.ndim not in expected:
            counts = " or ".join(map(str, expected))
            raise Refused(f"{name}: expected {counts} dimensions with that of the examples, found {self._shapes([x])}")

    def _shapes(self, given: Sequence[TensorValue]) -> str:
        """Shapes in words, `N` for the number of examples."""
        shown = [("N", *x.meta.shape[1:]) if x.batched else tuple(x.meta.shape) for x in given]
        return " and ".join(f"({', '.join(map(str, shape))})" for shape in shown)


def _count(shape: Sequence[int]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
