"""Finds the architectures in a Generator's answer.

Models wrap their JSON in reasoning, prose and fences, so the list is searched for in the text. No value is guessed or
repaired (`loose_json.py` defines what is a value): a piece that cannot be read is rejected with the reason, and the
complete pieces beside it are kept. Of several lists the last complete one counts, because drafts come first. This
module does not know which genotypes are legal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.text.loose_json import LooseJSONError, read_value, skip, skip_value
from agents.text.sanitize import MAX_ANSWER_CHARS, clean, excerpt, invalid_text, without_reasoning

# A list after the key, or a bare list of objects. Other brackets are prose or part of a genotype.
_LIST = re.compile(
    r"""["'“‘]architectures["'”’]\s*:\s*\[|\[(?=\s*(?:(?://|\#)[^\n]{0,200}\n\s*|/\*[^*]{0,200}\*/\s*)?\{)"""
)
_FORM = '{"architectures": [...]}'
# These limits bound the work on hostile text: lists tried, characters of one piece, characters of all lists.
_MOST_LISTS = 200
_LONGEST_PIECE = 10_000
_MOST_READ = 2 * MAX_ANSWER_CHARS


@dataclass(frozen=True)
class RejectedPiece:
    """A piece of an answer that could not be used: its shortened text and the reason."""

    text: str
    problem: str


@dataclass(frozen=True)
class ParsedAnswer:
    """The contents of one answer."""

    candidates: tuple[dict[str, Any], ...]
    """Every genotype that could be read, legal or not, in the order of the answer."""
    rejected: tuple[RejectedPiece, ...]


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """The genotypes of one round before they are judged, and statistics of the answers that contained them."""

    genotypes: Sequence[dict[str, Any]] = ()
    """Every genotype that could be read, legal or not, in order."""
    rejected: Sequence[RejectedPiece] = ()
    """Pieces of the answers that could not be read."""
    answers: int = 0
    """Number of answers of a language model."""
    repaired: int = 0
    """Number of illegal genotypes that later answers replaced, to count all errors of the model."""
    error: str = ""
    """Problem of the last answer, or the reason why there was none; empty if there is no problem."""


@dataclass(kw_only=True)
class _ListReading:
    """A list of an answer, as far as it was read."""

    candidates: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[RejectedPiece] = field(default_factory=list)
    end: int = 0
    """Position after the part that was read."""
    complete: bool = False
    """Whether the closing bracket was reached."""

    def reject(self, text: str, problem: str) -> None:
        self.rejected.append(RejectedPiece(excerpt(text), problem))


def parse_answer(text: str) -> ParsedAnswer:
    """The architectures in `text`: `{"architectures": [...]}` or a bare list of objects, anywhere in it."""
    text = clean(text)
    for part in (without_reasoning(text), text):
        if lists := _lists(part):
            complete = [found for found in lists if found.complete]
            # An answer that was cut has no complete list; its longest list is the one that the model was writing.
            best = complete[-1] if complete else max(lists, key=lambda found: len(found.candidates))
            return ParsedAnswer(tuple(best.candidates), tuple(best.rejected))
    return ParsedAnswer((), (RejectedPiece(excerpt(text), _absence(text)),))


def _absence(text: str) -> str:
    return f"no JSON list of architectures found; expected {_FORM}" if text.strip() else "the answer is empty"


def _lists(text: str) -> list[_ListReading]:
    found: list[_ListReading] = []
    end, left = 0, _MOST_READ
    for start in list(_LIST.finditer(text))[-_MOST_LISTS:]:
        if start.start() < end or left <= 0:
            continue
        found.append(_read_list(text, start.end()))
        left -= found[-1].end - start.end()
        # Another list may begin inside one that never ends (its bracket was prose), so only complete lists are skipped.
        end = found[-1].end if found[-1].complete else start.end()
    return found


def _read_list(text: str, at: int) -> _ListReading:
    """Read the list whose opening bracket is before `at`, item by item."""
    found = _ListReading()
    while True:
        at = skip(text, at)
        if text[at : at + 1] == "]":
            if not found.candidates and not found.rejected:
                found.reject("[]", "the list of architectures is empty")
            found.end, found.complete = at + 1, True
            return found
        after = _read_item(text, at, found)
        if after is None:
            found.end = min(at + _LONGEST_PIECE, len(text))
            return found
        at = skip(text, after)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != "]":
            found.reject(text[at : at + _LONGEST_PIECE], "expected , or ] after an architecture")
            found.end = at
            return found


def _read_item(text: str, at: int, found: _ListReading) -> int | None:
    """Add the item at `at` to the candidates or the rejected pieces; the position after it, None if that is unknown."""
    end = min(at + _LONGEST_PIECE, len(text))
    try:
        value, after = read_value(text, at, end)
    except LooseJSONError as error:
        past = skip_value(text, at, end)
        if past is None and error.cut:
            problem = (
                "the answer was cut off here" if end == len(text) else f"longer than {_LONGEST_PIECE:,} characters"
            )
        else:
            problem = f"not JSON: {error.problem} (character {error.at - at + 1} of this architecture)"
        found.reject(text[at : past or end], problem)
        return past
    if not isinstance(value, dict):
        found.reject(text[at:after], f"expected an architecture as a JSON object, got {type(value).__name__}")
    elif problem := invalid_text(value):
        found.reject(text[at:after], problem)
    else:
        found.candidates.append(value)
    return after
