"""Reads a text as a syntax tree, and refuses what the language does not have before anything is made of it.

The parser is Python's own; it makes a tree of data and no code. The text is bounded first, so that neither the parser
nor those who walk the tree meet one of an unreasonable size or depth.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator

from supernets.code.refusal import Refused

MOST_CHARACTERS = 20_000
MOST_DEPTH = 40
MOST_NODES = 8_000
LONGEST_WORD = 40
LARGEST_NUMBER = 1 << 20

_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg,
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.If, ast.Return, ast.Expr, ast.Pass, ast.Call, ast.keyword,
    ast.Attribute, ast.Name, ast.Constant, ast.Tuple, ast.List, ast.ListComp, ast.GeneratorExp, ast.comprehension,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.Starred,
    ast.expr_context, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.USub,
    ast.UAdd, ast.Not, ast.And, ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot,
)  # fmt: skip
_WORDS = {
    "Lambda": "a lambda", "JoinedStr": "an f-string", "NamedExpr": "an assignment within an expression",
    "Try": "try", "With": "with", "While": "while; use `for _ in range(N)`", "Global": "global",
    "Nonlocal": "nonlocal", "Delete": "del", "Raise": "raise; leave the check out", "Assert": "assert; leave it out",
    "Yield": "yield", "YieldFrom": "yield", "Await": "await", "AsyncFunctionDef": "an asynchronous function",
    "AsyncFor": "async for", "AsyncWith": "async with", "Dict": "a dictionary; use a list or names",
    "DictComp": "a dictionary; use a list or names", "Set": "a set; use a list", "SetComp": "a set; use a list",
    "Match": "match; use if", "In": "`in`; compare with ==", "NotIn": "`in`; compare with !=",
    "Break": "break", "Continue": "continue",
}  # fmt: skip
_IMPORTS = {
    ("torch", "torch"): "torch", ("torch.nn", "nn"): "torch.nn", ("torch.nn.functional", "F"): "torch.nn.functional",
    ("math", "math"): "math",
}  # fmt: skip
RESERVED = frozenset({"torch", "nn", "F", "math"})


def read_syntax(text: str) -> ast.Module:
    """The tree of a text in which every node is of a kind that the language has.

    Raises:
        Refused: it is too long or too deep, is not Python, or has something that is not allowed.
    """
    if len(text) > MOST_CHARACTERS:
        raise Refused(f"expected at most {MOST_CHARACTERS:,} characters, found {len(text):,}; write a smaller network")
    if not text.isascii():
        _check_ascii(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes and the like
            tree = ast.parse(text, "<architecture>")
    except SyntaxError as error:
        raise Refused(f"expected Python, found an error: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise Refused("expected Python of ordinary depth and numbers, found what its parser cannot read") from None
    _check(tree)
    return tree


def _check_ascii(text: str) -> None:
    """Letters of other alphabets may stand in comments and texts, not in names, where they look like others."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in (tokenize.COMMENT, tokenize.STRING) and not token.string.isascii():
                raise Refused(f"expected ASCII in names, found {token.string!a:.40}", token.start[0])
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass  # the parser tells what is wrong


def _check(tree: ast.Module) -> None:
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    seen = 0
    while waiting:
        node, depth, line = waiting.pop()
        line = getattr(node, "lineno", line)
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_NODES:
            raise Refused("expected a text of ordinary depth and length, found a deeper or longer one", line)
        if not isinstance(node, _ALLOWED):
            name = type(node).__name__
            raise Refused(f"not allowed: {_WORDS.get(name, f'this syntax ({name})')}", line)
        _check_node(node, line)
        waiting += [(child, depth + 1, line) for child in ast.iter_child_nodes(node)]


def _check_node(node: ast.AST, line: int) -> None:
    for name in _names(node):
        if name.startswith("__") and name != "__init__":
            raise Refused(f"not allowed: the name {name}, since names with two underscores are Python's own", line)
        if len(name) > LONGEST_WORD:
            raise Refused(f"expected names of at most {LONGEST_WORD} characters, found one of {len(name)}", line)
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.decorator_list:
        raise Refused("not allowed: a decorator", line)
    if isinstance(node, ast.ClassDef) and node.keywords:
        raise Refused("not allowed: keywords of a class", line)
    if isinstance(node, ast.arguments) and (node.vararg or node.kwarg):
        raise Refused("not allowed: *args or **kwargs; name each argument", line)
    if isinstance(node, ast.keyword) and node.arg is None:
        raise Refused("not allowed: ** in a call; name each argument", line)
    if isinstance(node, ast.Constant):
        _check_constant(node.value, line)
    if isinstance(node, ast.comprehension) and node.is_async:
        raise Refused("not allowed: async", line)
    if isinstance(node, ast.Import | ast.ImportFrom):
        _check_import(node, line)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.arg | ast.keyword):
        yield node.arg or ""
    elif isinstance(node, ast.ClassDef | ast.FunctionDef):
        yield node.name


def _check_constant(value: object, line: int) -> None:
    if isinstance(value, bool) or value is None or value is Ellipsis:
        return
    if isinstance(value, int | float):
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise Refused(f"expected numbers up to {LARGEST_NUMBER:,}, found a larger one", line)
    elif not isinstance(value, str):
        raise Refused(f"not allowed: a constant of type {type(value).__name__}", line)


def _check_import(node: ast.Import | ast.ImportFrom, line: int) -> None:
    for each in node.names:
        if isinstance(node, ast.Import):
            target, bound = each.name, each.asname or each.name
        else:
            target, bound = f"{node.module or ''}.{each.name}", each.asname or each.name
            if node.level:
                target = "." + target
        if (target, bound) not in _IMPORTS:
            raise Refused(
                f"not allowed: importing {target:.60} as {bound:.40}; expected torch, torch.nn as nn, "
                "torch.nn.functional as F or math",
                line,
            )
