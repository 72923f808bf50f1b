"""Answers as models garble them, made by mutating legal ones, and what must hold of every one that is parsed."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from agents.text.proposals import parse_answer
from agents.text.sanitize import clean, excerpt, without_reasoning

Genotype = dict[str, Any]
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
JUNK: tuple[str, ...] = (
    *"{}[]:,\"'`#/\\|“”‘’ \n\t0", "//", "/*", "*/", "...", "NaN", "None", "True", "null", "-", "1e9", "208", "3.5",
    "<think>", "</think>", '{"architectures": [', "[{", "}]", "```json\n", "\x1b[31m", "\u202e", "\ud800", "\x00", "é",
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.+-])-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")


def garbled(seed: int) -> str:
    """Answer number `seed`: legal genotypes, dressed up, with up to six faults."""
    rng = random.Random(seed)
    kind = rng.choice(GENOTYPES)
    text = rng.choice(DRESSES)([kind(rng) for _ in range(rng.randint(1, 4))])
    for _ in range(rng.randint(0, 6)):
        text = rng.choice(FAULTS)(text, rng)
    return text


def faults(text: str) -> Iterator[str]:
    """What the parser did wrong with `text`; nothing when all is well."""
    start = time.process_time()
    answer = parse_answer(text)
    if time.process_time() - start > 1:
        yield "it took more than a second"
    if not answer.candidates and not answer.rejected:
        yield "neither candidates nor a reason"
    lines = [" ".join(part.split()) for part in (clean(text), without_reasoning(clean(text)))]
    for piece in answer.rejected:
        if not piece.problem or not any(excerpt(piece.text).removesuffix("...") in line for line in lines):
            yield f"a rejection without a reason or of what is not there: {piece}"
    json.dumps(answer.candidates, ensure_ascii=False, allow_nan=False).encode()
    at = 0
    for leaf in _leaves(answer.candidates):
        found = _find(clean(text), leaf, at)
        if found is None:
            yield f"{leaf!r} does not stand in the text after character {at}"
            return
        at = found


def _leaves(value: object) -> Iterator[str | int | float | bool | None]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _leaves(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is None or isinstance(value, str | int | float):
        yield value


def _find(text: str, leaf: str | int | float | bool | None, at: int) -> int | None:
    """Where the first spelling of `leaf` from `at` on ends. Does it in another way than the parser."""
    if isinstance(leaf, str):
        escaped = json.dumps(leaf, ensure_ascii=False)[1:-1]
        spellings = {leaf, escaped, json.dumps(leaf)[1:-1], escaped.replace("/", "\\/"), escaped.replace("'", "\\'")}
    elif leaf is None or isinstance(leaf, bool):
        spellings = {str(leaf), json.dumps(leaf)}
    else:
        ends = (n.end() for n in _NUMBER.finditer(text, at) if repr(json.loads(n.group())) == repr(leaf))
        return next(ends, None)
    places = [(place, len(s)) for s in spellings if (place := text.find(s, at)) >= 0]
    return sum(min(places)) if places else None


def _ofa(rng: random.Random) -> Genotype:
    kernels, expansions = ([rng.choice(c) for _ in range(20)] for c in ((3, 5, 7), (3, 4, 6)))
    return {
        "r": rng.choice((160, 208, 224)),
        "d": [rng.choice((2, 3, 4)) for _ in range(5)],
        "ks": kernels,
        "e": expansions,
    }


def _spos(rng: random.Random) -> Genotype:
    return {"blocks": [rng.randrange(4) for _ in range(20)]}


def _autoformer(rng: random.Random) -> Genotype:
    depth = rng.choice((12, 13, 14))
    ratios, heads = ([rng.choice(c) for _ in range(depth)] for c in ((3.5, 4.0), (3, 4)))
    return {"depth": depth, "embed_dim": rng.choice((192, 216, 240)), "mlp_ratio": ratios, "num_heads": heads}


def _cell(rng: random.Random) -> Genotype:
    nodes = ("|".join(f"{rng.choice(OPERATIONS)}~{i}" for i in range(node)) for node in (1, 2, 3))
    return {"cell": "+".join(f"|{node}|" for node in nodes)}


GENOTYPES = (_ofa, _spos, _autoformer, _cell)


def _object(genotypes: list[Genotype]) -> str:
    return json.dumps({"architectures": genotypes})


DRESSES: tuple[Callable[[list[Genotype]], str], ...] = (
    _object,
    json.dumps,
    lambda g: json.dumps({"architectures": g}, indent=2),
    lambda g: repr({"architectures": g}),
    lambda g: f"<think>\nMaybe {_object(g[:1])}?\n</think>\n{_object(g)}",
    lambda g: f"Sure, here's what you asked for:\n```json\n{_object(g)}\n```\nI hope that's fine.",
    lambda g: re.sub(r'"(\w+)"', r"“\1”", _object(g)),
    lambda g: _object(g).replace("]", ",]").replace("}", ",}"),
    lambda g: re.sub(r"(\d+),", r"\1, // it's [one]\n", _object(g)),
    lambda g: re.sub(r'"(\w+)":', r'# a "key"\n"\1": /* then {its} value */', _object(g)),
    lambda g: re.sub(r"(\d+)([,\]])", r'"\1"\2', _object(g)),
    lambda g: re.sub(r": (\d+)", r": [\1]", _object(g)),
)


def _place(text: str, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(text) + 1)
    return start, min(len(text), start + rng.choice((1, 1, 2, 5, 30)))


def _insert(text: str, rng: random.Random) -> str:
    start, _ = _place(text, rng)
    return text[:start] + rng.choice(JUNK) + text[start:]


def _delete(text: str, rng: random.Random) -> str:
    start, end = _place(text, rng)
    return text[:start] + text[end:]


def _replace(text: str, rng: random.Random) -> str:
    start, end = _place(text, rng)
    return text[:start] + rng.choice(JUNK) + text[end:]


def _repeat(text: str, rng: random.Random) -> str:
    start, end = _place(text, rng)
    return text[:end] + text[start:]


def _move(text: str, rng: random.Random) -> str:
    start, end = _place(text, rng)
    to, _ = _place(text, rng)
    rest = text[:start] + text[end:]
    return rest[:to] + text[start:end] + rest[to:]


def _cut(text: str, rng: random.Random) -> str:
    start, _ = _place(text, rng)
    return text[:start] if rng.random() < 0.5 else text


def _join(text: str, rng: random.Random) -> str:
    return rng.choice((f"{text}\n{text}", f"I'd begin with [208, 3], then:\n{text}", f"{text} Or [{{}}]?"))


FAULTS = (_insert, _insert, _delete, _replace, _repeat, _move, _cut, _join)
