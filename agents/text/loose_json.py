"""A parser for JSON as language models write it: one value at a position of a text.

Besides JSON it accepts comments (`//`, `/* */`, `#`), trailing commas, strings in single quotes or in a matching pair
of typographic quotes, and Python's `True`, `False` and `None`, because each of these has only one meaning. It refuses
everything else with the reason and the position. It repairs, completes and evaluates nothing, and takes time linear in
the text that it reads.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 8
"""Maximum nesting of lists and objects."""

# Possessive quantifiers, and unclosed strings and comments end with their line or text, so nothing is scanned twice.
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
    """The text at position `at` is not a value; `cut` means that the text ends too early."""

    def __init__(self, problem: str, at: int, *, cut: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at
        self.cut = cut


def read_value(text: str, at: int = 0, end: int | None = None) -> tuple[Any, int]:
    """The value that begins at `at` and ends before `end`, and the position after it.

    Raises:
        LooseJSONError: no value begins at `at`, or it does not end before `end`.
    """
    return _ValueReader(text, len(text) if end is None else end).value(at, 0)


def read_whole(text: str) -> Any:
    """The value that makes up the whole of `text`.

    Raises:
        LooseJSONError: `text` is not a value, or continues after it.
    """
    value, at = read_value(text, skip(text, 0))
    at = skip(text, at)
    if at < len(text):
        raise LooseJSONError(f"expected nothing more, got {_shown(text, at)}", at)
    return value


def skip(text: str, at: int, end: int | None = None) -> int:
    """The position after the white space and comments at `at`."""
    gap = _GAP.match(text, at, len(text) if end is None else end)
    return gap.end() if gap else at


def skip_value(text: str, at: int, end: int) -> int | None:
    """The position after an invalid value at `at`: after its closing bracket, or after one word.

    None if no bracket closes it or its brackets do not match.
    """
    if text[at : at + 1] not in _CLOSING:
        word = _TOKEN.match(text, at, end) or _WORD.match(text, at, end)
        return word.end() if word else None
    expected_marks: list[str] = []
    for token in _TOKEN.finditer(text, at, end):
        mark = token.group()
        if mark in _CLOSING:
            expected_marks.append(_CLOSING[mark])
        elif mark in ("}", "]"):
            if expected_marks.pop() != mark:
                return None
            if not expected_marks:
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
                # Which of the two values was meant is unknown.
                raise LooseJSONError(f"the key {_short(key)} stands twice in one object", at)
            at = self._skip(end)
            if self._mark(at, ":") != ":":
                raise LooseJSONError(f"expected : after a key, got {_shown(self._text, at)}", at)
            members[key], at = self.value(self._skip(at + 1), depth)
            at = self._after_item(at, "}")
        return members, at + 1

    def _after_item(self, at: int, closing: str) -> int:
        """The position of the next item or of the closing bracket."""
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
            # The last word of a text may be the beginning of a longer one.
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
    """A quote or an escape sequence of a single-quoted string, in JSON syntax."""
    return {'"': '\\"', "\\'": "'"}.get(match.group(), match.group())


def _shown(text: str, at: int) -> str:
    word = _WORD.match(text, at)
    return _short(word.group() if word else text[at : at + 1])


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:37] + "..."
