"""Reads the context length from the head of a GGUF model file, without loading the model.

The format is described in llama.cpp's `docs/gguf.md`: a header, then pairs of a key and a typed value.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Format of `struct` by number of a type."""
_STRING, _LIST = 8, 9
_MOST_PAIRS = 10_000
_LONGEST_LIST = 10_000
"""Longest list that is read over: tags and languages come early, the vocabulary after the context length."""
_LONGEST_KEY = 65_535


def context_length(file: Path) -> int | None:
    """The context in tokens that a model was trained for; None if the file does not state it before its vocabulary."""
    try:
        with file.open("rb") as source:
            return _context_length(source)
    except (OSError, ValueError, struct.error):
        return None


def _context_length(source: BinaryIO) -> int | None:
    _, version, _, pairs = struct.unpack("<4sIQQ", source.read(24))
    if version < 2 or pairs > _MOST_PAIRS:
        return None
    for _ in range(pairs):
        key, value = _string(source), _value(source, int(_number(source, "I")))
        if key.endswith(b".context_length") and isinstance(value, int):
            return value
    return None


def _value(source: BinaryIO, kind: int) -> object:
    """The next value if it is a number; None for strings and lists, which are skipped."""
    if kind in _NUMBERS:
        return _number(source, _NUMBERS[kind])
    if kind == _STRING:
        _string(source)
    elif kind == _LIST:
        member, length = _number(source, "I"), _number(source, "Q")
        if length > _LONGEST_LIST:
            raise ValueError("a vocabulary")
        for _ in range(int(length)):
            _value(source, int(member))
    else:
        raise ValueError("an unknown type")
    return None


def _number(source: BinaryIO, form: str) -> float:
    """The next number; an `int` unless the form is one of fractions."""
    (value,) = struct.unpack(f"<{form}", source.read(struct.calcsize(f"<{form}")))
    return value  # type: ignore[no-any-return]


def _string(source: BinaryIO) -> bytes:
    """The next string; an empty one for texts that are too long for a key, which are skipped."""
    length = int(_number(source, "Q"))
    if length > _LONGEST_KEY:
        source.seek(length, 1)
        return b""
    return source.read(length)
