"""Reads the genotype in a file, however a program of the field wrote it, where it has one meaning.

JSON, YAML or the text of a Python dictionary, with or without a byte-order mark; alone, in the `result.json` of a run
or under a key such as `arch`; as a bare list or text in a space with one gene. Lists may leave out the entries that do
not act, or have null there. Knows no family.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from supernets.space.architecture import Architecture, InvalidArchitecture
from supernets.space.parsing import fill_unused

if TYPE_CHECKING:
    from supernets.space.space import SearchSpace

_WRAPPERS = ("architecture", "arch", "genotype", "subnet", "subnet_config", "config")
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def read_architecture(path: Path, space: SearchSpace) -> Architecture:
    """The architecture of `space` in a file.

    Raises:
        UserError: the file cannot be read, or holds no genotype of this space; it lists every problem.
    """
    content = _unwrapped(_content(path, space), space)
    genes = dict.fromkeys(dimension.gene for dimension in space.dimensions)
    if not isinstance(content, Mapping):
        if len(genes) > 1:
            kind = "a list without names" if isinstance(content, list) else f"{content!r:.40}"
            raise UserError(
                f"architecture file {path}: expected the keys {', '.join(genes)}, got {kind}; {_how(space)}"
            )
        content = {next(iter(genes)): content}
    given = {key: value for key, value in content.items() if key in genes or value is not None}
    try:
        return space.parse(fill_unused(given, space.dimensions))
    except InvalidArchitecture as error:
        raise UserError(f"architecture file {path}: {error}; {_how(space)}") from None


def _content(path: Path, space: SearchSpace) -> Any:
    import yaml

    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"architecture file {path}: cannot be read ({error.strerror})") from None
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding).strip()
    except UnicodeDecodeError:
        raise UserError(f"architecture file {path}: expected text, got other bytes; {_how(space)}") from None
    if text.startswith("|"):  # The string of a cell, which YAML would take for a block of text.
        return text
    for read in (json.loads, ast.literal_eval, yaml.safe_load):
        try:
            found = read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError, yaml.YAMLError):
            continue
        if found is not None:
            return found
    found = "nothing" if not text else f"other text, which begins {text[:40]!r}"
    raise UserError(f"architecture file {path}: expected JSON, got {found}; {_how(space)}")


def _unwrapped(content: Any, space: SearchSpace) -> Any:
    """What is under the one key that holds a genotype, if the content is no genotype itself."""
    genes = {dimension.gene for dimension in space.dimensions}
    if not isinstance(content, Mapping) or genes & content.keys():
        return content
    wrappers = [name for name in _WRAPPERS if isinstance(content.get(name), Mapping | list | str)]
    return content[wrappers[0]] if len(wrappers) == 1 else content


def _how(space: SearchSpace) -> str:
    """The line of Python that writes a genotype as it should be."""
    keys = ", ".join(f'"{gene}": ...' for gene in dict.fromkeys(dimension.gene for dimension in space.dimensions))
    return f"write it in Python with `json.dump({{{keys}}}, open('arch.json', 'w'))`"
