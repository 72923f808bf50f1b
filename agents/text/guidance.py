"""The Navigator's strategy: Markdown under fixed headings, with an optional JSON block for programs.

What cannot be read of the block is omitted and named in `problem`, never guessed. The Generator always receives the
text as it was written. This module knows no gene names.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from agents.text.loose_json import LooseJSONError, read_whole
from agents.text.sanitize import excerpt, invalid_text

HEADINGS = ("Summary", "Key patterns", "Directions")
NOTES = "Notes"
"""Heading of the part that the program repeats in later rounds."""

_NAMES = {
    "Summary": re.compile(r"summar(?:y|ies)(?![^\W_])", re.IGNORECASE),
    "Key patterns": re.compile(r"key[ \t_-]{1,9}patterns?(?:\(s\))?(?![^\W_])", re.IGNORECASE),
    "Directions": re.compile(r"directions?(?:\(s\))?(?![^\W_])", re.IGNORECASE),
    NOTES: re.compile(r"notes?(?![^\W_])", re.IGNORECASE),
}
"""The heading in singular and plural."""
_ORDINAL = re.compile(
    r"(?:(?:section|part|step)[ \t]{1,9}\w{1,4}|[ivx]{1,4}|[a-c])[ \t]{0,9}[.):\u2013\u2014-]", re.IGNORECASE
)
_COLON = re.compile(r"[*_ \t]{0,9}[:\uff1a]")
_LONGEST_PREFIX = 60
"""Characters before the first letter of a heading."""

_KEPT = ("prefer", "exclude", "cost")
"""Keys of a block that a later one may keep."""

MAX_GUIDANCE_CHARS = 40_000
"""Characters kept of one strategy, which is part of every later prompt."""


@dataclass(frozen=True)
class Guidance:
    """The text of one strategy and what programs read from it."""

    text: str
    block: dict[str, Any] = field(default_factory=dict)
    """Readable part of the JSON block: `prefer`, `examples` and any further keys."""
    problem: str = ""
    """Problems of the text or its block; empty if there are none."""


def parse_guidance(text: str) -> Guidance:
    """The guidance in `text`, cut to `MAX_GUIDANCE_CHARS` characters; its last ```json block is read."""
    kept = text[:MAX_GUIDANCE_CHARS]
    block, problem = _read_block(kept)
    cut = f"it was cut to its first {MAX_GUIDANCE_CHARS:,} characters" if len(text) > MAX_GUIDANCE_CHARS else ""
    return Guidance(kept, block, "; ".join(filter(None, (cut, problem))))


def _read_block(text: str) -> tuple[dict[str, Any], str]:
    """The readable part of the last block, and its problems."""
    written = _last_block(text)
    if written is None:
        return {}, ""
    try:
        block = read_whole(written)
    except LooseJSONError as error:
        return {}, f"the json block is not JSON: {error.problem} (character {error.at + 1})"
    if not isinstance(block, dict):
        return {}, f"the json block: expected an object, got {type(block).__name__}"
    if problem := invalid_text(block):
        return {}, f"the json block: {problem}"
    checks = {
        "prefer": _prefer_problem,
        "examples": _examples_problem,
        "exclude": _exclude_problem,
        "count": _count_problem,
    }
    problems = {key: found for key, check in checks.items() if key in block and (found := check(block[key]))}
    return {key: value for key, value in block.items() if key not in problems}, "; ".join(problems.values())


def with_kept_block(guidance: Guidance, previous: str) -> Guidance:
    """The guidance with the block of the strategy before it, as far as its own is silent, if that says `"keep": true`.

    Weights are kept gene by gene; examples and the count belong to one round. The text then ends with the whole block.
    """
    if guidance.block.get("keep") is not True:
        return guidance
    own = {key: value for key, value in guidance.block.items() if key != "keep"}
    before = parse_guidance(previous).block
    block = {**{key: before[key] for key in _KEPT if key in before}, **own}
    weights, kept = own.get("prefer", {}), before.get("prefer", {})
    if prefer := {**{key: value for key, value in kept.items() if key not in weights}, **weights}:
        block["prefer"] = prefer
    text = f"{without_block(guidance.text)}\n\n```json\n{json.dumps(block)}\n```"
    return replace(guidance, text=text, block=block)


def without_block(text: str) -> str:
    """A strategy without its block for programs."""
    found = _last_block_lines(text)
    if found is None:
        return text
    lines = text.split("\n")
    return "\n".join([*lines[: found.start], *lines[found.stop :]]).strip()


def _last_block(text: str) -> str | None:
    """The content of the last closed ```json block."""
    found = _last_block_lines(text)
    return None if found is None else "\n".join(text.split("\n")[found.start + 1 : found.stop - 1])


def _last_block_lines(text: str) -> range | None:
    """Numbers of the lines of the last closed ```json block, with its fences."""
    found, start = None, None
    for i, line in enumerate(text.split("\n")):
        mark = line.strip(" \t").lower()
        if start is None and mark == "```json":
            start = i
        elif start is not None and mark == "```":
            found, start = range(start, i + 1), None
    return found


def missing_headings(text: str) -> list[str]:
    """Members of `HEADINGS` that no line of `text` has as a heading, in any common way of writing one."""
    found = {heading for line in text.split("\n") for heading in HEADINGS if _is_heading(line, heading)}
    return [heading for heading in HEADINGS if heading not in found]


def section(text: str, heading: str) -> str:
    """The lines under a heading, up to the next line that begins with `#` or a fence; empty without the heading."""
    lines = text.split("\n")
    start = next((i + 1 for i, line in enumerate(lines) if _is_heading(line, heading)), None)
    if start is None:
        return ""
    end = next((i for i in range(start, len(lines)) if lines[i].startswith(("#", "```"))), len(lines))
    return "\n".join(lines[start:end]).strip()


def _is_heading(line: str, heading: str) -> bool:
    """Whether a line begins with the heading and marks it as one.

    Numbers, bullets and emoji may come before it. Without `#` or emphasis, it must be alone or followed by a colon.
    """
    start = _first_letter(line, 0)
    if ordinal := _ORDINAL.match(line, start):
        start = _first_letter(line, ordinal.end())
    name = _NAMES[heading].match(line, start)
    if not name:
        return False
    marked = any(mark in line[:start] for mark in ("#", "**", "__"))
    return marked or bool(_COLON.match(line, name.end())) or not any(map(str.isalnum, line[name.end() :]))


def _first_letter(line: str, start: int) -> int:
    letters = (i for i in range(start, min(len(line), start + _LONGEST_PREFIX)) if line[i].isalpha())
    return next(letters, len(line))


def _prefer_problem(prefer: object) -> str:
    if not isinstance(prefer, dict):
        return f"prefer: expected an object of genes, got {type(prefer).__name__}"
    for gene, weights in prefer.items():
        named = excerpt(gene, 40)
        if not isinstance(weights, dict):
            return f"prefer: {named}: expected an object of choices and weights, got {type(weights).__name__}"
        for choice, weight in weights.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
                return f"prefer: {named}: {excerpt(choice, 20)}: expected a weight of 0 or more, got {weight!r:.40}"
    return ""


def _examples_problem(examples: object) -> str:
    if isinstance(examples, list) and all(isinstance(example, dict) for example in examples):
        return ""
    return "examples: expected a list of genotypes, each a JSON object"


def _exclude_problem(exclude: object) -> str:
    if isinstance(exclude, list) and all(isinstance(each, dict) and len(each) >= 2 for each in exclude):
        return ""
    return "exclude: expected a list of objects, each with a choice of two genes or more"


def _count_problem(count: object) -> str:
    if isinstance(count, int) and not isinstance(count, bool) and count >= 1:
        return ""
    return f"count: expected a whole number of 1 or more, got {count!r:.40}"
