"""Just enough of MATLAB's version 5 files to read an array of structures, which is how ImageNet's devkit names classes.

A file is a header of 128 bytes and a sequence of elements: type, length, content, padded to 8 bytes; an element of up
to 4 bytes is packed into its tag. Arrays are elements of elements. Source: MathWorks, "MAT-File Format", chapter 1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from supernets.images.decoding import ImageError

_HEADER = 128
_COMPRESSED, _MATRIX = 15, 14
_STRUCTURE, _CHARACTERS = 2, 4
_UTF8 = 16
_NUMBERS = {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 9: "d", 12: "q", 13: "Q", 17: "H", 18: "I"}
"""Type of an element to the format of one entry; the last two are UTF-16 and UTF-32 texts."""

_Element = tuple[int, bytes]


def read_structures(path: Path) -> list[dict[str, Any]]:
    """The first array of structures in a file: one mapping each, texts as `str`, other arrays as lists of numbers.

    Raises:
        ImageError: the file is of another version, damaged, or holds no such array.
    """
    try:
        content = path.read_bytes()
        order = {b"IM": "<", b"MI": ">"}[content[126:128]]
        for kind, body in _elements(content[_HEADER:], order):
            if kind == _COMPRESSED:
                kind, body = next(_elements(zlib.decompress(body), order))
            found = _array(body, order) if kind == _MATRIX else None
            if isinstance(found, list) and found and isinstance(found[0], dict):
                return found
    except (OSError, KeyError, IndexError, ValueError, StopIteration, struct.error, zlib.error) as error:
        raise ImageError(
            f"{path}: expected a MATLAB file of version 5, got {type(error).__name__} ({error}); copy it anew"
        ) from error
    raise ImageError(f"{path}: expected a MATLAB file with an array of structures, found none in it")


def _elements(content: bytes, order: str) -> Iterator[_Element]:
    at = 0
    while at + 8 <= len(content):
        (tag,) = struct.unpack_from(order + "I", content, at)
        if tag >> 16:
            length, kind, start = tag >> 16, tag & 0xFFFF, at + 4
            at += 8
        else:
            (length,) = struct.unpack_from(order + "I", content, at + 4)
            kind, start = tag, at + 8
            # Compressed elements alone are not padded.
            at = start + (length if kind == _COMPRESSED else -(-length // 8) * 8)
        if start + length > len(content):
            raise ValueError(f"an element of {length} bytes is cut off")
        yield kind, content[start : start + length]


def _array(body: bytes, order: str) -> Any:
    """A text, a list of numbers, or a list of structures; None for other kinds of arrays."""
    parts = list(_elements(body, order))
    if not parts:
        return []
    kind = struct.unpack_from(order + "I", parts[0][1])[0] & 0xFF
    if kind == _STRUCTURE:
        return _structures(parts, order)
    if kind == _CHARACTERS:
        code, content = parts[3]
        return content.decode() if code == _UTF8 else "".join(map(chr, _numbers(parts[3], order)))
    return _numbers(parts[3], order) if parts[3][0] in _NUMBERS else None


def _structures(parts: list[_Element], order: str) -> list[dict[str, Any]]:
    (width,) = _numbers(parts[3], order)
    packed = parts[4][1]
    names = [packed[i : i + width].split(b"\0")[0].decode() for i in range(0, len(packed), width)]
    values = [_array(body, order) for _, body in parts[5:]]
    return [dict(zip(names, values[i : i + len(names)], strict=True)) for i in range(0, len(values), len(names))]


def _numbers(element: _Element, order: str) -> list[Any]:
    kind, content = element
    code = _NUMBERS[kind]
    return list(struct.unpack(f"{order}{len(content) // struct.calcsize(code)}{code}", content))
