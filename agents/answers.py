"""Reads the architectures out of a Generator's answer, strictly.

Models wrap their JSON in thoughts, prose and fences, so the list is looked for in the text; but no value is ever
guessed or mended. A piece that is not JSON is reported with the decoder's own words, and what stands complete beside
it is kept. Of several lists the last complete one counts: drafts come first. Knows no gene; whether a genotype is legal
is another's question.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.cleaning import clean, excerpt, fault, without_reasoning

# A list after the key, or a bare list of objects. Anything else in brackets is prose, or belongs to a genotype.
_LIST = re.compile(r'"architectures"\s*:\s*\[|\[(?=\s*\{)')
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_WORD = re.compile(r'[^,\[\]{}"]+')
_PAIRS = {"{": "}", "[": "]"}
# Together these bound the work on hostile text: no more lists are tried, and no piece is read further than this.
_MOST_LISTS = 200
_LONGEST_PIECE = 10_000


@dataclass(frozen=True)
class Rejected:
    """A piece of an answer that could not be used: its text, shortened, and why."""

    text: str
    problem: str


@dataclass(frozen=True)
class Answer:
    candidates: tuple[dict[str, Any], ...]
    """Every genotype that could be read, in order; legal or not."""
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True)
class _List:
    candidates: tuple[dict[str, Any], ...]
    rejected: tuple[Rejected, ...]
    end: int
    complete: bool


def parse_answer(text: str) -> Answer:
    """The architectures in `text`: `{"architectures": [...]}` or a bare list of objects, wherever they stand."""
    text = clean(text)
    for part in (without_reasoning(text), text):
        if lists := _lists(part):
            complete = [found for found in lists if found.complete]
            # A cut answer has no complete list; then the one that holds most is what the model was writing.
            best = complete[-1] if complete else max(lists, key=lambda found: len(found.candidates))
            return Answer(best.candidates, best.rejected)
    return Answer((), (Rejected(excerpt(text), _absence(text)),))


def _absence(text: str) -> str:
    if not text.strip():
        return "the answer is empty"
    return 'no JSON list of architectures found; expected {"architectures": [...]}'


def _lists(text: str) -> list[_List]:
    found: list[_List] = []
    end = 0
    for start in list(_LIST.finditer(text))[-_MOST_LISTS:]:
        if start.start() < end:
            continue
        found.append(_read_list(text, start.end()))
        # Within a list that never ends another may begin: the bracket was prose. So only complete ones are skipped.
        end = found[-1].end if found[-1].complete else start.end()
    return found


def _read_list(text: str, at: int) -> _List:
    """The list whose opening bracket stands before `at`, item by item."""
    candidates: list[dict[str, Any]] = []
    rejected: list[Rejected] = []

    def result(end: int, complete: bool) -> _List:
        return _List(tuple(candidates), tuple(rejected), end, complete)

    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            if not candidates and not rejected:
                rejected.append(Rejected("[]", "the list of architectures is empty"))
            return result(at + 1, True)
        item, problem, end = _read_item(text, at)
        if item is not None:
            candidates.append(item)
        else:
            rejected.append(Rejected(excerpt(text[at : end or at + _LONGEST_PIECE]), problem))
        if end is None:
            return result(len(text), False)
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != "]":
            rejected.append(Rejected(excerpt(text[at:]), "expected , or ] after an architecture"))
            return result(at, False)


def _read_item(text: str, at: int) -> tuple[dict[str, Any] | None, str, int | None]:
    """One item of the list: the genotype or what is wrong with it, and where it ends (None: cannot be told)."""
    piece = text[at : at + _LONGEST_PIECE]
    try:
        value, length = _DECODER.raw_decode(piece)
    except (ValueError, RecursionError) as error:
        end = _end(piece)
        if end is None and at + len(piece) == len(text):
            return None, "the answer was cut off here", None
        return None, f"not JSON: {_words(error)}", at + end if end else None
    if not isinstance(value, dict):
        return None, f"expected an architecture as a JSON object, got {type(value).__name__}", at + length
    return (None, problem, at + length) if (problem := fault(value)) else (value, "", at + length)


def _end(piece: str) -> int | None:
    """Where the bad item that begins `piece` ends; 0 if its brackets do not match, None if they are never closed."""
    if piece[:1] not in _PAIRS:
        word = _WORD.match(piece)
        return word.end() if word else None
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(piece):
        mark = token.group()
        if mark in _PAIRS:
            open_brackets.append(_PAIRS[mark])
        elif mark in ("}", "]"):
            if open_brackets.pop() != mark:
                return 0
            if not open_brackets:
                return token.end()
    return None


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1} of this architecture"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _without_repeats(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which a key stands twice has two meanings; choosing one would be a guess."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number that JSON knows")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse, parse_float=_finite)
