"""Finds the architectures in a Generator's answer.

Models wrap their JSON in reasoning, prose and fences, so the list is searched for in the text. No value is guessed or
repaired (`loose_json.py` defines what is a value): a piece that cannot be read is rejected with the reason, and the
complete pieces beside it are kept. Of several lists the last complete one under the key counts, because drafts come
first and examples have no key. Remarks such as an id and a rationale are no part of an architecture. This module does
not know which genotypes are legal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.text.loose_json import LooseJSONError, read_value, read_whole, skip, skip_value
from agents.text.sanitize import MAX_ANSWER_CHARS, clean, excerpt, invalid_text, without_reasoning

# A list after the key, or a bare list of objects. Other brackets are prose or part of a genotype.
_LIST = re.compile(
    r"""["'“‘]architectures["'”’]\s*:\s*\[|\[(?=\s*(?:(?://|\#)[^\n]{0,200}\n\s*|/\*[^*]{0,200}\*/\s*)?\{)"""
)
_KEY = re.compile(r"""["'“‘]architectures["'”’]\s*:\s*(?=["'{])""")
"""The key before an object or a string."""
_NUMBERED = re.compile(r"(?:arch(?:itecture)?|candidate|proposal|cell|net(?:work)?|a)?[ _#-]?\d{1,4}", re.IGNORECASE)
"""Keys that only count the architectures."""
_WRAPPERS = {"architecture", "arch", "genotype", "config", "configuration"}
"""Keys whose value may be the whole architecture."""
_REMARKS = re.compile(
    r"#|no\.?|(?:arch(?:itecture)?_)?id|index|idx|number|rank|name|label|title|rationale|reason(?:ing)?|explanation|"
    r"justification|description|comments?|notes?|thoughts?|hypothesis|why|verdict|stderr|confidence|top1|accuracy|score|"
    r"(?:macs|params|flops)(?:_m)?|(?:estimated|expected|predicted)_\w{1,40}",
    re.IGNORECASE,
)
"""Keys of what models write about an architecture. No search space has a gene of such a name."""
_ONE_EACH = 3
"""Fewest lists of one architecture each that are one answer."""
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
    sources: list[str] = field(default_factory=list)
    """The text of each candidate."""
    rejected: list[RejectedPiece] = field(default_factory=list)
    end: int = 0
    """Position after the part that was read."""
    complete: bool = False
    """Whether the closing bracket was reached."""
    keyed: bool = False
    """Whether the list is under the key."""

    @property
    def items(self) -> list[tuple[dict[str, Any], str]]:
        """Each candidate with its text."""
        return list(zip(self.candidates, self.sources, strict=True))

    @property
    def alone(self) -> bool:
        """Whether it holds one architecture and nothing else."""
        return len(self.candidates) == 1 and not self.rejected

    def add(self, value: object, text: str) -> None:
        """Add a decoded item, which `text` is the source of, to the candidates or the rejected pieces."""
        if isinstance(value, str) and value.lstrip().startswith("{"):
            value = _cell(value)
        if not isinstance(value, dict):
            self.reject(text, f"expected an architecture as a JSON object, got {type(value).__name__}")
        elif problem := invalid_text(value):
            self.reject(text, problem)
        else:
            self.candidates.append(_unwrapped(value))
            self.sources.append(text)

    def reject(self, text: str, problem: str) -> None:
        self.rejected.append(RejectedPiece(excerpt(text), problem))


def parse_answer(text: str) -> ParsedAnswer:
    """The architectures in `text`, anywhere in it: the last list under the key, or else the last bare list of objects.

    Without a list, architectures in other unmistakable forms are read: see `_unlisted`.
    """
    text = clean(text)
    for part in (without_reasoning(text), text):
        best = _best(_lists(part))
        if not best or not best.candidates:
            best = _encoded(part) or best
        if best and not best.candidates and not best.keyed:
            # A bare bracket without architectures, such as one in a remark, says nothing about the rest.
            best = _unlisted(part) or best
        if best := best or _unlisted(part):
            return ParsedAnswer(tuple(best.candidates), tuple(best.rejected))
    return ParsedAnswer((), (RejectedPiece(excerpt(text), _absence(text)),))


def _best(lists: Sequence[_ListReading]) -> _ListReading | None:
    """The list that is the answer: one under the key before a bare one, a complete one before one that was cut.

    Many lists of one architecture each are one answer in pieces; of two, the first may be a draft of the second.
    An answer that was cut has no complete list; its longest list is the one that the model was writing. A list without
    architectures gives way, because `"architectures": [...]` may only quote the form.
    """
    under_key = [found for found in lists if found.keyed]
    if len(under_key) >= _ONE_EACH and all(found.complete and found.alone for found in under_key):
        every = [(candidate, source) for found in under_key for candidate, source in found.items]
        return _ListReading(
            candidates=[candidate for candidate, _ in every], sources=[source for _, source in every],
            end=under_key[-1].end, complete=True, keyed=True,
        )  # fmt: skip
    ranked = []
    for keyed in (True, False):
        group = [found for found in lists if found.keyed == keyed]
        ranked += [found for found in group if found.complete][-1:]
        ranked += [max(cut, key=lambda f: len(f.candidates))] if (cut := [f for f in group if not f.complete]) else []
    if not ranked:
        return None
    best = next((found for found in ranked if found.candidates), ranked[0])
    for later in lists[lists.index(best) + 1 :]:
        if new := [source for candidate, source in later.items if candidate not in best.candidates]:
            best.reject(new[0], f"{len(new)} in a list after the one that was read: not taken")
    return best


def _unlisted(text: str) -> _ListReading | None:
    """Architectures that are in no list, if the text has only one meaning; None if it has none or several.

    Read are: an object of numbered architectures; several objects with the same keys, one each line, fence or table
    row; and a table with one column for each gene.
    """
    readings = (read(text) for read in (_under_key, _objects, _table))
    return next((found for found in readings if found and found.candidates), None)


def _encoded(text: str) -> _ListReading | None:
    """The list in JSON that was encoded as a JSON string, with or without the quotes of that string."""
    decoded = text.replace("\\n", "\n").replace('\\"', '"')
    found = _best(_lists(decoded)) if '\\"' in text else None
    return found if found and found.candidates else None


def _under_key(text: str) -> _ListReading | None:
    """The architectures under the key, as an object of numbered ones or as a single one."""
    for key in reversed(list(_KEY.finditer(text))[-_MOST_LISTS:]):
        try:
            value, end = read_value(text, key.end())
        except LooseJSONError:
            continue
        if isinstance(value, dict) and value:
            return _reading(_numbered(value) or [value], end)
    return None


def _objects(text: str) -> _ListReading | None:
    """Two or more objects with the same keys, or one object of numbered architectures."""
    values: list[dict[str, Any]] = []
    at, failures = text.find("{"), 0
    while at >= 0 and failures < _MOST_LISTS and at < _MOST_READ:
        try:
            value, after = read_value(text, at, min(at + _LONGEST_PIECE, len(text)))
        except LooseJSONError:
            failures += 1
            after = at + 1
        else:
            values += _numbered(value) or [_unwrapped(value)]
        at = text.find("{", after)
    if len(values) < 2 or len({frozenset(value) for value in values}) > 1 or not values[0]:
        return None
    return _reading(values, at)


def _table(text: str) -> _ListReading | None:
    """The rows of the last Markdown table whose cells are the genes that its header names."""
    rows: list[dict[str, Any]] = []
    header: list[str] = []
    before: list[str] = []
    for line in text.split("\n"):
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] if "|" in line else []
        if cells and set("".join(cells)) <= set("-: ") and len(before) == len(cells):
            header, rows = before, []
        elif len(cells) == len(header) > 1:
            rows.append(dict(zip(header, map(_cell, cells), strict=True)))
        before = cells
    return _reading([_unwrapped(row) for row in rows if len(row) == len(header)], len(text)) if rows else None


def _cell(text: str) -> Any:
    try:
        return read_whole(text)
    except LooseJSONError:
        return text


def _reading(values: Sequence[dict[str, Any]], end: int) -> _ListReading:
    found = _ListReading(end=end, complete=True)
    for value in values:
        found.add(value, json.dumps(value))
    return found


def _numbered(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The values of an object whose keys only count architectures; empty if it is another object."""
    items = [_unwrapped(item) for item in value.values() if isinstance(item, dict)]
    return items if len(items) == len(value) and all(map(_NUMBERED.fullmatch, value)) else []


def _unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """An architecture without the remarks beside it and the object around it."""
    genes = {key: each for key, each in value.items() if not _REMARKS.fullmatch(key.strip())}
    ((key, inner),) = genes.items() if len(genes) == 1 else (("", None),)
    if key.lower() in _WRAPPERS and isinstance(inner, dict):
        return _unwrapped(inner)
    return genes or value


def _absence(text: str) -> str:
    return f"no JSON list of architectures found; expected {_FORM}" if text.strip() else "the answer is empty"


def _lists(text: str) -> list[_ListReading]:
    found: list[_ListReading] = []
    end, left = 0, _MOST_READ
    for start in list(_LIST.finditer(text))[-_MOST_LISTS:]:
        if start.start() < end or left <= 0:
            continue
        found.append(_read_list(text, start.end()))
        found[-1].keyed = start.group() != "["
        left -= found[-1].end - start.end()
        # Another list may begin inside one that never ends (its bracket was prose), so only complete lists are skipped.
        end = found[-1].end if found[-1].complete else start.end()
    return found


def _read_list(text: str, at: int) -> _ListReading:
    """Read the list whose opening bracket is before `at`, item by item."""
    found, start = _ListReading(), at - 1
    while True:
        at = skip(text, at)
        if text[at : at + 1] == "]":
            if not found.candidates and not found.rejected:
                found.reject(text[start : at + 1], "the list of architectures is empty")
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
    found.add(value, text[at:after])
    return after
