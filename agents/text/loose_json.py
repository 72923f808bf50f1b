"""JSON as language models write it: one value, read from a place in a text.

Taken besides JSON are comments (`//`, `/* */`, `#`), a trailing comma, strings in single quotes or in a matching pair
of typographic ones, and Python's `True`, `False` and `None`: each has but one meaning. Everything else is refused with
the reason and the place. Notable: a value is only ever what stands there, so nothing is mended, filled in or worked
out, and reading takes time in proportion to what is read. Knows no architectures.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 8
"""Levels of lists and objects within each other."""

# Possessive, and with unended strings and comments taken to the end of their line or text: nothing is searched twice.
_COMMENT = r"//[^\n]*+|#[^\n]*+|/\*[\s\S]*?(?:\*/|\Z)"
_DOUBLE, _SINGLE = r'(?:[^"\\\n]|\\[^\n])*+', r"(?:[^'\\\n]|\\[^\n])*+"
_GAP = re.compile(rf"(?:\s++|{_COMMENT})*+")
_TOKEN = re.compile(rf"""\"{_DOUBLE}"?|'{_SINGLE}'?|{_COMMENT}|[{{}}\[\]]""")
_WORD = re.compile(r"""[^\s,:{}\[\]"'“”‘’/#]+""")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_ESCAPE = re.compile(r'\\.|"')
_BODIES = {quote: re.compile(body) for quote, body in (
    ('"', _DOUBLE), ("'", _SINGLE), ("“", "[^\"“”\\\\\n]*+"), ("‘", "[^'‘’\\\\\n]*+"),
)}  # fmt: skip
_PARTNERS = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_LITERALS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_CLOSING = {"{": "}", "[": "]"}


class LooseJSONError(ValueError):
    """Why the text at `at` is no value; `cut`: because the text ends there."""

    def __init__(self, problem: str, at: int, *, cut: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at
        self.cut = cut


def read_value(text: str, at: int = 0, end: int | None = None) -> tuple[Any, int]:
    """The value that begins at `at` and ends before `end`, and where it ends.

    Raises:
        Unreadable: no such value stands there.
    """
    return _ValueReader(text, len(text) if end is None else end).value(at, 0)


def read_whole(text: str) -> Any:
    """The one value that `text` is.

    Raises:
        Unreadable: it is none, or more than that.
    """
    value, at = read_value(text, skip(text, 0))
    at = skip(text, at)
    if at < len(text):
        raise LooseJSONError(f"expected nothing more, got {_shown(text, at)}", at)
    return value


def skip(text: str, at: int, end: int | None = None) -> int:
    """Where the white space and comments at `at` end."""
    gap = _GAP.match(text, at, len(text) if end is None else end)
    return gap.end() if gap else at


def skip_value(text: str, at: int, end: int) -> int | None:
    """Where an unreadable value at `at` ends: the bracket that closes it, or the end of a word.

    None if it is never closed or its brackets do not match.
    """
    if text[at : at + 1] not in _CLOSING:
        word = _TOKEN.match(text, at, end) or _WORD.match(text, at, end)
        return word.end() if word else None
    awaited: list[str] = []
    for token in _TOKEN.finditer(text, at, end):
        mark = token.group()
        if mark in _CLOSING:
            awaited.append(_CLOSING[mark])
        elif mark in ("}", "]"):
            if awaited.pop() != mark:
                return None
            if not awaited:
                return token.end()
    return None


class _ValueReader:
    def __init__(self, text: str, end: int) -> None:
        self._text = text
        self._end = end

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        mark = self._mark(at, "a value")
        if mark in _CLOSING:
            if depth == MAX_DEPTH:
                raise LooseJSONError(f"nested more than {MAX_DEPTH} deep", at)
            return self._object(at + 1, depth + 1) if mark == "{" else self._list(at + 1, depth + 1)
        if mark in _PARTNERS:
            return self._string(at)
        return self._word(at)

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = self._skip(at)
        while self._mark(at, "a value or ]") != "]":
            item, at = self.value(at, depth)
            items.append(item)
            at = self._after_item(at, "]")
        return items, at + 1

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        at = self._skip(at)
        while (mark := self._mark(at, "a key or }")) != "}":
            if mark not in _PARTNERS:
                raise LooseJSONError(f"expected a key in quotes, got {_shown(self._text, at)}", at)
            key, end = self._string(at)
            if key in members:
                # Two values for one key have two meanings; choosing one would be a guess.
                raise LooseJSONError(f"the key {_short(key)} stands twice in one object", at)
            at = self._skip(end)
            if self._mark(at, ":") != ":":
                raise LooseJSONError(f"expected : after a key, got {_shown(self._text, at)}", at)
            members[key], at = self.value(self._skip(at + 1), depth)
            at = self._after_item(at, "}")
        return members, at + 1

    def _after_item(self, at: int, closing: str) -> int:
        """The place of the next item or of the closing bracket."""
        at = self._skip(at)
        mark = self._mark(at, f", or {closing}")
        if mark == ",":
            return self._skip(at + 1)
        if mark != closing:
            raise LooseJSONError(f"expected , or {closing}, got {_shown(self._text, at)}", at)
        return at

    def _string(self, at: int) -> tuple[str, int]:
        quote = self._text[at]
        body = _BODIES[quote].match(self._text, at + 1, self._end)
        assert body is not None
        end, inside = body.end(), body.group()
        if self._text[end : end + 1] != _PARTNERS[quote] or end >= self._end:
            raise LooseJSONError(f"a string lacks its closing {_PARTNERS[quote]}", at, cut=end >= self._end)
        if quote in "“‘":
            return inside, end + 1
        if quote == "'":
            inside = _ESCAPE.sub(_as_json, inside)
        try:
            return str(json.loads(f'"{inside}"')), end + 1
        except json.JSONDecodeError as error:
            raise LooseJSONError(f"not a JSON string: {error.msg}", at) from None

    def _word(self, at: int) -> tuple[Any, int]:
        found = _WORD.match(self._text, at, self._end)
        word = found.group() if found else self._text[at]
        if word in _LITERALS:
            return _LITERALS[word], at + len(word)
        number = _NUMBER.fullmatch(word)
        if number is None:
            # A word at the very end of the text may be the beginning of a longer one.
            raise LooseJSONError(f"{_short(word)} is not a value", at, cut=at + len(word) == self._end)
        if len(word) > 40:
            raise LooseJSONError(f"a number of {len(word)} characters", at)
        value = float(word) if number[1] or number[2] else int(word)
        if not math.isfinite(value):
            raise LooseJSONError(f"{word} is not a number that JSON knows", at)
        return value, at + len(word)

    def _skip(self, at: int) -> int:
        return skip(self._text, at, self._end)

    def _mark(self, at: int, expected: str) -> str:
        if at >= self._end:
            raise LooseJSONError(f"expected {expected}, got the end of the text", at, cut=True)
        return self._text[at]


def _as_json(match: re.Match[str]) -> str:
    """A quote or an escape of a string in single quotes as JSON writes it."""
    return {'"': '\\"', "\\'": "'"}.get(match.group(), match.group())


def _shown(text: str, at: int) -> str:
    word = _WORD.match(text, at)
    return _short(word.group() if word else text[at : at + 1])


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:37] + "..."
