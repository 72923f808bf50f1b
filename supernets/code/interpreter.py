"""Walks the syntax tree of a text as Python would run it, in a world of its own values.

What a text can do is what this module does for it: nothing is looked up in Python by a name that a text wrote, and no
code is made. Conditions and loops are decided while walking, so they may depend on numbers, not on tensors. Steps,
loops, lists and calls are counted, so that every text ends.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from supernets.code.library import call_library, call_tensor_method, tensor_attribute
from supernets.code.program import Program, Shape, ordered
from supernets.code.refusal import Refused
from supernets.code.signature import shown
from supernets.code.syntax import LONGEST_WORD, RESERVED, read_syntax
from supernets.code.tracing import Tracing
from supernets.code.values import (
    MODULE_VALUES,
    TRAINING,
    Batch,
    Builtin,
    Filled,
    Instance,
    Layer,
    Library,
    Method,
    Modules,
    Stateless,
    States,
    TensorValue,
    UserClass,
    UserFunction,
)

MOST_STEPS = 20_000
MOST_CALLS = 12
"""Calls within calls."""
LONGEST_LIST = 512
LARGEST_RESULT = 1 << 40
_NOTHING = object()
_BUILTINS = ("range", "len", "enumerate", "zip", "list", "tuple", "int", "float", "min", "max", "sum", "reversed",
             "super", "print")  # fmt: skip


def translate(text: str, input_shape: Shape, output_shape: Shape | None = None) -> Program:
    """The network of a text.

    Args:
        text: one class of `nn.Module` that no other class uses, and the classes and functions that it uses.
        input_shape: of one example; `forward` is called with a tensor of these and of the examples before them.
        output_shape: what the network must make of an example; None for anything.

    Raises:
        Refused: the text is not in the language, or is no such network.
    """
    tree = read_syntax(text)
    interpreter = _Interpreter(Tracing(input_shape))
    try:
        program = interpreter.network(tree)
    except Refused as error:
        raise Refused(error.problem, interpreter.line if error.line is None else error.line) from None
    except RecursionError:
        raise Refused("expected a text of ordinary depth, found a deeper one", interpreter.line) from None
    if output_shape is not None and program.output_shape != output_shape:
        raise Refused(
            f"expected forward to return {output_shape} numbers for each example of {input_shape}, found "
            f"{program.output_shape}"
        )
    return program


class _Interpreter:
    def __init__(self, tracing: Tracing) -> None:
        self.tracing = tracing
        self.line: int | None = None
        self._steps = 0
        self._calls = 0
        self._forward = False
        self._globals: dict[str, Any] = {}

    def network(self, tree: ast.Module) -> Program:
        scope = self._globals
        for statement in tree.body:
            self._step(statement)
            if isinstance(statement, ast.ClassDef):
                self._bind_name(statement.name, self._class(statement), scope)
            elif isinstance(statement, ast.FunctionDef):
                self._bind_name(statement.name, self._function(statement), scope)
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                self._statement(statement, scope)
            elif not isinstance(statement, ast.Import | ast.ImportFrom) and not _is_text(statement):
                raise Refused("expected classes, functions and constants outside of classes, found something else")
        chosen = self._chosen(tree)
        self.line = None
        instance = self._construct(chosen, [], {})
        self._forward = True
        if "forward" not in chosen.methods:
            raise Refused(f"class {chosen.name}: expected a method forward, found none")
        output = self._call(Method(instance, "forward"), [self.tracing.input], {})
        if not isinstance(output, TensorValue) or not output.batched:
            raise Refused(f"class {chosen.name}: expected forward to return a tensor, found {shown(output)}")
        if output.node == 0:
            raise Refused(f"class {chosen.name}: forward returns its input unchanged")
        return ordered(self.tracing.program(output, _origins(instance, self.tracing)))

    def _chosen(self, tree: ast.Module) -> UserClass:
        """The class that no other class or function names."""
        classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
        if not classes:
            raise Refused("expected a class Network(nn.Module) with __init__ and forward, found none")
        used = {
            node.id
            for top in tree.body
            for node in ast.walk(top)
            if isinstance(node, ast.Name) and node.id != getattr(top, "name", "")
        }
        free = [each.name for each in classes if each.name not in used]
        if len(free) != 1:
            names = ", ".join(free or [each.name for each in classes])
            raise Refused(f"expected one class that no other uses, the network; found {names:.200}")
        found: UserClass = self._globals[free[0]]
        return found

    # Definitions.

    def _class(self, node: ast.ClassDef) -> UserClass:
        bases = [self._dotted(base) for base in node.bases]
        if bases not in (["nn.Module"], ["torch.nn.Module"]):
            raise Refused(f"class {node.name}: expected the base nn.Module, found {', '.join(bases) or 'none'}")
        made = UserClass(node.name)
        for statement in node.body:
            self._step(statement)
            if isinstance(statement, ast.FunctionDef):
                made.methods[statement.name] = self._function(statement)
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                made.constants[statement.targets[0].id] = self._value(statement.value, self._globals)
            elif not isinstance(statement, ast.Pass) and not _is_text(statement):
                raise Refused(f"class {node.name}: expected methods and constants, found something else")
        return made

    def _dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._dotted(node.value)}.{node.attr}"
        return node.id if isinstance(node, ast.Name) else "an expression"

    def _function(self, node: ast.FunctionDef) -> UserFunction:
        taken = node.args
        positional = [*taken.posonlyargs, *taken.args]
        defaults: dict[str, Any] = {}
        for arg, value in zip(positional[len(positional) - len(taken.defaults) :], taken.defaults, strict=True):
            defaults[arg.arg] = self._value(value, self._globals)
        for arg, keyword_value in zip(taken.kwonlyargs, taken.kw_defaults, strict=True):
            if keyword_value is not None:
                defaults[arg.arg] = self._value(keyword_value, self._globals)
        return UserFunction(node, defaults)

    # Statements.

    def _block(self, body: Sequence[ast.stmt], scope: dict[str, Any]) -> Any:
        for statement in body:
            returned = self._statement(statement, scope)
            if returned is not _NOTHING:
                return returned
        return _NOTHING

    def _statement(self, node: ast.stmt, scope: dict[str, Any]) -> Any:
        self._step(node)
        if isinstance(node, ast.Return):
            return None if node.value is None else self._value(node.value, scope)
        if isinstance(node, ast.Assign):
            value = self._value(node.value, scope)
            for target in node.targets:
                self._assign(target, value, scope)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self._assign(node.target, self._value(node.value, scope), scope)
        elif isinstance(node, ast.AugAssign):
            current = self._value(node.target, scope)
            self._assign(node.target, self._binary(node.op, current, self._value(node.value, scope)), scope)
        elif isinstance(node, ast.Expr):
            if not _is_text(node):
                self._value(node.value, scope)
        elif isinstance(node, ast.If):
            return self._block(node.body if self._truth(self._value(node.test, scope)) else node.orelse, scope)
        elif isinstance(node, ast.For):
            if node.orelse:
                raise Refused("not allowed: else after for")
            for item in self._items(self._value(node.iter, scope)):
                self._assign(node.target, item, scope)
                returned = self._block(node.body, scope)
                if returned is not _NOTHING:
                    return returned
        elif not isinstance(node, ast.Pass):
            raise Refused("not allowed here: a definition or an import within a function")
        return _NOTHING

    def _assign(self, target: ast.expr, value: Any, scope: dict[str, Any]) -> None:
        if isinstance(target, ast.Name):
            self._bind_name(target.id, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self._value(target.value, scope)
            if not isinstance(owner, Instance) or not owner.building:
                raise Refused("attributes are set on self in __init__ alone")
            if target.attr in ("training", "forward"):
                raise Refused(f"not allowed: setting self.{target.attr}")
            if isinstance(value, Filled):
                raise Refused(f"self.{target.attr}: expected nn.Parameter(...) around a filled tensor")
            owner.attributes[target.attr] = value
        elif isinstance(target, ast.Tuple | ast.List):
            values = self._items(value)
            if len(values) != len(target.elts):
                raise Refused(f"expected {len(target.elts)} values to unpack, found {len(values)}")
            for each, one in zip(target.elts, values, strict=True):
                self._assign(each, one, scope)
        else:
            raise Refused("expected a name or an attribute of self on the left, found something else")

    def _bind_name(self, name: str, value: Any, scope: dict[str, Any]) -> None:
        if name in RESERVED or name in _BUILTINS:
            raise Refused(f"not allowed: giving {name} another meaning")
        scope[name] = value

    # Expressions.

    def _value(self, node: ast.expr, scope: dict[str, Any]) -> Any:
        self._step(node)
        found = self._kinds.get(type(node))
        if found is None:
            raise Refused(f"not allowed here: {type(node).__name__}")
        return found(node, scope)

    @cached_property
    def _kinds(self) -> Mapping[type[ast.expr], Callable[[Any, dict[str, Any]], Any]]:
        return {
            ast.Constant: self._constant, ast.Name: self._name, ast.Attribute: self._attribute, ast.Call: self._calling,
            ast.BinOp: lambda n, s: self._binary(n.op, self._value(n.left, s), self._value(n.right, s)),
            ast.UnaryOp: self._unary, ast.BoolOp: self._boolean, ast.Compare: self._compare,
            ast.IfExp: lambda n, s: self._value(n.body if self._truth(self._value(n.test, s)) else n.orelse, s),
            ast.Tuple: lambda n, s: tuple(self._elements(n.elts, s)),
            ast.List: lambda n, s: self._elements(n.elts, s),
            ast.ListComp: self._comprehension, ast.GeneratorExp: self._comprehension,
            ast.Subscript: self._subscript,
        }  # fmt: skip

    def _constant(self, node: ast.Constant, scope: dict[str, Any]) -> Any:
        if isinstance(node.value, str) and len(node.value) > LONGEST_WORD:
            raise Refused(f"expected words of at most {LONGEST_WORD} characters, found {len(node.value)}")
        return node.value

    def _name(self, node: ast.Name, scope: dict[str, Any]) -> Any:
        if node.id in scope:
            return scope[node.id]
        if node.id in self._globals:
            return self._globals[node.id]
        if node.id in RESERVED:
            return Library(node.id)
        if node.id in _BUILTINS:
            return Builtin(node.id)
        raise Refused(f"the name {node.id} is not known; names of torch are written as torch., nn. or F.")

    def _attribute(self, node: ast.Attribute, scope: dict[str, Any]) -> Any:
        owner, name = self._value(node.value, scope), node.attr
        if isinstance(owner, Library):
            full = f"{owner.name}.{name}"
            full = {"torch.nn": "nn", "nn.functional": "F"}.get(full, full)
            return math.pi if full == "math.pi" else Library(full)
        if isinstance(owner, TensorValue):
            return tensor_attribute(owner, name)
        if isinstance(owner, Instance):
            if name == "training":
                return TRAINING
            if name in owner.attributes:
                return owner.attributes[name]
            if name in owner.cls.methods:
                return Method(owner, name)
            owner_class: UserClass | None = owner.cls
        else:
            owner_class = owner if isinstance(owner, UserClass) else None
        if owner_class is not None and name in owner_class.constants:
            return owner_class.constants[name]
        if isinstance(owner, list | Modules | States) or (isinstance(owner, Builtin) and owner.name == "super()"):
            return Method(owner, name)
        if isinstance(owner, Layer) and name in owner.arguments:
            return owner.arguments[name]
        if isinstance(owner, Layer) and name in ("weight", "bias", "data"):
            raise Refused("weights and their first values are torch's own here: leave initialisation out")
        raise Refused(f"{shown(owner)} has no attribute {name}")

    def _elements(self, nodes: Sequence[ast.expr], scope: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for each in nodes:
            if isinstance(each, ast.Starred):
                found += self._items(self._value(each.value, scope))
            else:
                found.append(self._value(each, scope))
        return self._bounded(found)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: dict[str, Any]) -> list[Any]:
        if len(node.generators) != 1:
            raise Refused("expected one `for` in a list, found several")
        (part,) = node.generators
        inner, found = dict(scope), []
        for item in self._items(self._value(part.iter, scope)):
            self._assign(part.target, item, inner)
            if all(self._truth(self._value(test, inner)) for test in part.ifs):
                found.append(self._value(node.elt, inner))
        return self._bounded(found)

    def _unary(self, node: ast.UnaryOp, scope: dict[str, Any]) -> Any:
        value = self._value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return not self._truth(value)
        if isinstance(node.op, ast.UAdd):
            return value
        if isinstance(value, TensorValue):
            return self.tracing.with_number("mul_number", value, -1)
        if type(value) not in (int, float):
            raise Refused(f"expected a number after -, found {shown(value)}")
        return -value

    def _boolean(self, node: ast.BoolOp, scope: dict[str, Any]) -> Any:
        value: Any = None
        for each in node.values:
            value = self._value(each, scope)
            if self._truth(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def _compare(self, node: ast.Compare, scope: dict[str, Any]) -> bool:
        left = self._value(node.left, scope)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self._value(right_node, scope)
            if not self._compared(op, left, right):
                return False
            left = right
        return True

    def _compared(self, op: ast.cmpop, left: Any, right: Any) -> bool:
        if isinstance(op, ast.Is | ast.IsNot):
            if right is not None and not isinstance(right, bool):
                raise Refused("`is` compares with None, True or False alone")
            return (left is right) == isinstance(op, ast.Is)
        plain = (int, float, bool, str, type(None))
        if not isinstance(left, plain) or not isinstance(right, plain):
            raise Refused(f"expected numbers to compare, found {shown(left)} and {shown(right)}")
        if isinstance(op, ast.Eq | ast.NotEq):
            return (left == right) == isinstance(op, ast.Eq)
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise Refused(f"expected numbers to compare, found {shown(left)} and {shown(right)}")
        if isinstance(op, ast.Lt):
            return left < right
        if isinstance(op, ast.LtE):
            return left <= right
        return left > right if isinstance(op, ast.Gt) else left >= right

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(left, TensorValue) or isinstance(right, TensorValue):
            return self._tensor_operator(op, left, right)
        if isinstance(right, Filled) and isinstance(op, ast.Mult):
            left, right = right, left
        if isinstance(left, Filled) and type(right) in (int, float) and isinstance(op, ast.Mult | ast.Div) and right:
            return Filled(left.fill, left.shape, left.scale * right if isinstance(op, ast.Mult) else left.scale / right)
        if isinstance(left, Batch) or isinstance(right, Batch):
            raise Refused("no arithmetic with the number of examples: the examples stay apart")
        if isinstance(op, ast.Add) and type(left) is type(right) and isinstance(left, list | tuple):
            return type(left)(self._bounded([*left, *right]))
        if isinstance(op, ast.Mult) and isinstance(left, list | tuple) and type(right) is int:
            if len(left) * right > LONGEST_LIST:
                raise Refused(f"expected lists of at most {LONGEST_LIST} entries, found {len(left) * right:,}")
            return left * right
        if type(left) not in (int, float, bool) or type(right) not in (int, float, bool):
            raise Refused(f"expected numbers, found {shown(left)} and {shown(right)}")
        return self._arithmetic(op, left, right)

    def _arithmetic(self, op: ast.operator, left: float, right: float) -> float:
        if isinstance(op, ast.Pow) and (abs(right) > 16 or abs(left) > 4096):
            raise Refused("expected powers up to 16 of numbers up to 4,096")
        names: dict[type[ast.operator], Callable[[], float]] = {
            ast.Add: lambda: left + right, ast.Sub: lambda: left - right, ast.Mult: lambda: left * right,
            ast.Div: lambda: left / right, ast.FloorDiv: lambda: left // right, ast.Mod: lambda: left % right,
            ast.Pow: lambda: left**right,
        }  # fmt: skip
        if type(op) not in names:
            raise Refused("@ multiplies tensors alone")
        try:
            result = names[type(op)]()
        except ZeroDivisionError:
            raise Refused("division by zero") from None
        if not isinstance(result, int | float) or not abs(result) <= LARGEST_RESULT:
            raise Refused(f"expected results up to {LARGEST_RESULT:,}, found a larger one")
        return result

    def _tensor_operator(self, op: ast.operator, left: Any, right: Any) -> TensorValue:
        names: dict[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
        if isinstance(left, TensorValue) and isinstance(right, TensorValue):
            if isinstance(op, ast.MatMult):
                return self.tracing.apply("matmul", [left, right], {})
            if type(op) in names:
                return self.tracing.elementwise(names[type(op)], left, right)
        elif isinstance(left, TensorValue) and type(right) in (int, float):
            if isinstance(op, ast.Add | ast.Sub):
                return self.tracing.with_number("add_number", left, right if isinstance(op, ast.Add) else -right)
            if isinstance(op, ast.Mult | ast.Pow) or (isinstance(op, ast.Div) and right):
                kinds: dict[type[ast.operator], str] = {ast.Mult: "mul", ast.Pow: "pow", ast.Div: "div"}
                return self.tracing.with_number(f"{kinds[type(op)]}_number", left, right)
        elif isinstance(right, TensorValue) and type(left) in (int, float):
            if isinstance(op, ast.Add):
                return self.tracing.with_number("add_number", right, left)
            if isinstance(op, ast.Mult):
                return self.tracing.with_number("mul_number", right, left)
            if isinstance(op, ast.Sub):
                return self.tracing.with_number("add_number", self.tracing.with_number("mul_number", right, -1), left)
        raise Refused(f"expected + - * / ** or @ of tensors and numbers, found {shown(left)} and {shown(right)}")

    # Indices.

    def _subscript(self, node: ast.Subscript, scope: dict[str, Any]) -> Any:
        owner = self._value(node.value, scope)
        if isinstance(owner, TensorValue):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self._tensor_index(owner, parts, scope)
        if isinstance(node.slice, ast.Slice):
            entries = self._items(owner)
            start, stop, step = self._slice_ends(node.slice, scope)
            chosen = entries[slice(start, stop, step)]
            return Modules(owner.called, chosen) if isinstance(owner, Modules) else chosen
        index = self._value(node.slice, scope)
        if type(index) is not int:
            raise Refused(f"expected a whole number as index, found {shown(index)}")
        if isinstance(owner, States):
            return self.tracing.state(owner, index)
        entries = self._items(owner)
        if not -len(entries) <= index < len(entries):
            raise Refused(f"expected an index from 0 to {len(entries) - 1}, found {index}")
        return entries[index]

    def _slice_ends(self, node: ast.Slice, scope: dict[str, Any]) -> tuple[int | None, int | None, int | None]:
        ends = [None if each is None else self._value(each, scope) for each in (node.lower, node.upper, node.step)]
        if any(each is not None and type(each) is not int for each in ends) or ends[2] == 0:
            raise Refused("expected whole numbers in an index, and a step that is not 0")
        return ends[0], ends[1], ends[2]

    def _tensor_index(self, x: TensorValue, parts: Sequence[ast.expr], scope: dict[str, Any]) -> TensorValue:
        if not x.batched:
            raise Refused("a parameter has no indices here; add it to a tensor first")
        keeps = [part for part in parts if not _is(part, None) and not _is(part, Ellipsis)]
        hidden = x.meta.ndim - len(keeps)
        if hidden < 0:
            raise Refused(f"expected at most {x.meta.ndim} indices, found {len(keeps)}")
        dim = 0
        for place, part in enumerate(parts):
            self._step(part)
            if _is(part, Ellipsis):
                dim += hidden
                continue
            if dim == 0:
                first = isinstance(part, ast.Slice) and part.lower is part.upper is part.step is None
                if not first or place:
                    raise Refused("dimension 0 is that of the examples: expected `:` or `...` as the first index")
                dim = 1
            elif _is(part, None):
                x = self.tracing.unsqueeze(x, dim)
                dim += 1
            elif isinstance(part, ast.Slice):
                lower, upper, step = self._slice_ends(part, scope)
                if step is not None and step < 0:
                    raise Refused("expected a step above 0")
                start, stop, step = slice(lower, upper, step).indices(x.meta.shape[dim])
                x = self.tracing.slice(x, dim, start, stop, step)
                dim += 1
            else:
                index = self._value(part, scope)
                if type(index) is not int:
                    raise Refused(f"expected a whole number as index, found {shown(index)}")
                x = self.tracing.select(x, dim, index)
        return x

    # Calls.

    def _calling(self, node: ast.Call, scope: dict[str, Any]) -> Any:
        function = self._value(node.func, scope)
        if isinstance(function, Builtin) and function.name == "super":
            return Builtin("super()")
        args = self._elements(node.args, scope)
        kwargs = {each.arg or "": self._value(each.value, scope) for each in node.keywords}
        self.line = node.lineno
        return self._call(function, args, kwargs)

    def _call(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if isinstance(function, Library):
            return call_library(self.tracing, function.name, args, kwargs, self._forward)
        if isinstance(function, Builtin):
            return self._builtin(function.name, args, kwargs)
        if isinstance(function, UserClass):
            if self._forward:
                raise Refused("modules are made in __init__, not in forward")
            return self._construct(function, args, kwargs)
        if isinstance(function, UserFunction):
            return self._run(function, args, kwargs)
        if isinstance(function, Method):
            return self._method(function, args, kwargs)
        if isinstance(function, MODULE_VALUES):
            return self._module(function, args, kwargs)
        raise Refused(f"{shown(function)} cannot be called")

    def _construct(self, cls: UserClass, args: list[Any], kwargs: dict[str, Any]) -> Instance:
        made = Instance(cls)
        if "__init__" in cls.methods:
            self._run(cls.methods["__init__"], [made, *args], kwargs)
        elif args or kwargs:
            raise Refused(f"class {cls.name}: expected no arguments, since it has no __init__")
        made.building = False
        return made

    def _run(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Any:
        definition = function.definition
        taken = definition.args
        positional = [each.arg for each in (*taken.posonlyargs, *taken.args)]
        names = [*positional, *(each.arg for each in taken.kwonlyargs)]
        if len(args) > len(positional):
            raise Refused(f"{definition.name}: expected at most {len(positional)} arguments, found {len(args)}")
        scope = dict(zip(positional, args, strict=False))
        for key, value in kwargs.items():
            if key not in names or key in scope:
                raise Refused(f"{definition.name}: argument {key} is not known or given twice")
            scope[key] = value
        missing = [name for name in names if name not in scope and name not in function.defaults]
        if missing:
            raise Refused(f"{definition.name}: expected a default or a value for {', '.join(missing):.100}")
        reserved = [name for name in names if name in RESERVED or name in _BUILTINS]
        if reserved:
            raise Refused(f"not allowed: giving {reserved[0]} another meaning")
        scope = {**{name: function.defaults[name] for name in names if name not in scope}, **scope}
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise Refused(
                f"expected at most {MOST_CALLS} calls within calls, found more: a function that calls itself?"
            )
        returned = self._block(definition.body, scope)
        self._calls -= 1
        return None if returned is _NOTHING else returned

    def _method(self, method: Method, args: list[Any], kwargs: dict[str, Any]) -> Any:
        bound, name = method.bound, method.name
        if isinstance(bound, Instance):
            return self._run(bound.cls.methods[name], [bound, *args], kwargs)
        if isinstance(bound, TensorValue):
            return call_tensor_method(self.tracing, name, bound, args, kwargs)
        if isinstance(bound, Builtin):
            if name != "__init__":
                raise Refused(f"not allowed: super().{name}")
            return None  # nn.Module needs no arguments, and older texts give it self
        if isinstance(bound, States):
            if name != "squeeze" or args != [0] or kwargs or bound.count != 1:
                raise Refused("expected an index of the states, such as h[-1], or h.squeeze(0) of a single one")
            return self.tracing.state(bound, 0)
        entries = bound.items if isinstance(bound, Modules) else bound
        if kwargs or len(args) != 1 or name not in ("append", "extend"):
            raise Refused(f"a list has append and extend with one argument, found {name:.40}")
        if isinstance(bound, Modules) and self._forward:
            raise Refused("modules are made in __init__, not in forward")
        added = [args[0]] if name == "append" else self._items(args[0])
        if isinstance(bound, Modules):
            _check_modules(added)
        entries += added
        self._bounded(entries)
        return None

    def _module(self, module: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if isinstance(module, Instance):
            if "forward" not in module.cls.methods:
                raise Refused(f"class {module.cls.name}: expected a method forward, found none")
            return self._run(module.cls.methods["forward"], [module, *args], kwargs)
        attention = isinstance(module, Layer) and module.name == "MultiheadAttention"
        if attention and kwargs.pop("need_weights", False) is not False:
            raise Refused("nn.MultiheadAttention: expected need_weights=False or nothing")
        if kwargs or not all(isinstance(x, TensorValue) for x in args):
            raise Refused(f"expected {module.kind} to be called with tensors alone")
        if isinstance(module, Layer):
            return self.tracing.call_layer(module, args)
        if len(args) != 1:
            raise Refused(f"expected {module.kind} to be called with one tensor, found {len(args)}")
        if isinstance(module, Stateless):
            if not module.operation:
                return args[0]
            if module.operation == "flatten":
                at = module.attributes
                return self.tracing.flatten(args[0], at.get("start_dim", 1), at.get("end_dim", -1))
            return self.tracing.apply(module.operation, args, module.attributes)
        if not module.called:
            raise Refused("a ModuleList cannot be called; call its modules one by one")
        (x,) = args
        for each in module.items:
            x = self._module(each, [x], {})
        return x

    def _builtin(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if kwargs:
            raise Refused(f"{name}: expected no named arguments")
        if name == "range":
            if not 1 <= len(args) <= 3 or any(type(each) is not int for each in args) or args[2:] == [0]:
                raise Refused("range: expected one to three whole numbers, and a step that is not 0")
            found = range(*args)
            if len(found) > LONGEST_LIST:
                raise Refused(f"range: expected at most {LONGEST_LIST} steps, found {len(found):,}")
            return list(found)
        if name == "print":
            raise Refused("not allowed: print; leave it out")
        if name in ("int", "float"):
            if len(args) != 1 or type(args[0]) not in (int, float):
                raise Refused(f"{name}: expected one number")
            return int(args[0]) if name == "int" else float(args[0])
        if name in ("min", "max") and len(args) > 1:
            args = [args]
        if name == "zip":
            return list(zip(*(self._items(each) for each in args), strict=False))
        if len(args) != 1:
            raise Refused(f"{name}: expected one argument, found {len(args)}")
        entries = self._items(args[0])
        if name in ("min", "max", "sum"):
            if not entries or any(type(each) not in (int, float) for each in entries):
                raise Refused(f"{name}: expected numbers")
            return min(entries) if name == "min" else max(entries) if name == "max" else sum(entries)
        made: dict[str, Callable[[], Any]] = {
            "len": lambda: len(entries), "list": lambda: list(entries), "tuple": lambda: tuple(entries),
            "enumerate": lambda: list(enumerate(entries)), "reversed": lambda: entries[::-1],
        }  # fmt: skip
        return made[name]()

    # Common.

    def _items(self, value: Any) -> list[Any]:
        if isinstance(value, Modules):
            return list(value.items)
        if isinstance(value, list | tuple):
            return list(value)
        raise Refused(f"expected a list, found {shown(value)}")

    def _bounded(self, values: list[Any]) -> list[Any]:
        if len(values) > LONGEST_LIST:
            raise Refused(f"expected lists of at most {LONGEST_LIST} entries, found {len(values):,}")
        return values

    def _truth(self, value: Any) -> bool:
        if isinstance(value, int | float | str | list | tuple) or value is None:
            return bool(value)
        if isinstance(value, MODULE_VALUES):
            return True
        raise Refused(f"a condition cannot depend on {shown(value)}")

    def _step(self, node: ast.AST) -> None:
        self.line = getattr(node, "lineno", self.line)
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Refused(f"expected a text that is done in {MOST_STEPS:,} steps, found a longer one")


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring, or another text without effect."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _check_modules(values: Sequence[Any]) -> None:
    for each in values:
        if not isinstance(each, MODULE_VALUES):
            raise Refused(f"expected modules in a list of modules, found {shown(each)}")


def _origins(instance: Instance, tracing: Tracing) -> dict[int, str]:
    """The name of each layer in the text, by its number: that of the first attribute that holds it."""
    found: dict[int, str] = {}

    def walk(value: Any, path: str) -> Iterator[tuple[int, str]]:
        if isinstance(value, Layer):
            yield value.index, path
        elif isinstance(value, TensorValue) and (layer := tracing.parameter(value)) is not None:
            yield layer, path
        elif isinstance(value, Instance):
            for name, each in value.attributes.items():
                yield from walk(each, f"{path}.{name}" if path else name)
        elif isinstance(value, Modules):
            for i, each in enumerate(value.items):
                yield from walk(each, f"{path}.{i}")

    for index, path in walk(instance, ""):
        found.setdefault(index, path)
    return found
