"""Relative weights of choices, as the Navigator writes them in the block `prefer` of a strategy.

A key is the label of a gene (`ks[2]`), a range of labels of one name (`ks[2] to ks[5]`, `ks[2..5]`), or a name alone
for all its genes. Later keys count before earlier ones. What names no gene or choice is a problem, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.text.genes import Choice, Gene, choice_of
from agents.text.sanitize import excerpt

_RANGE = re.compile(
    r"(?P<name>[^\s\[\]]+)\[(?P<first>\d+)(?:\]\s*(?:to|-|\.\.)\s*(?:(?P=name)\[)?|\.\.|-)(?P<last>\d+)\]"
)


def read_preferences(
    prefer: Mapping[str, Mapping[str, Any]], genes: Sequence[Gene]
) -> tuple[dict[str, dict[Choice, float]], list[str]]:
    """Weights by label of gene and choice, and the problems of what could not be read.

    Args:
        prefer: block as `agents.text.guidance` returns it: objects of weights.
    """
    found: dict[str, dict[Choice, float]] = {}
    problems = []
    for key, weights in prefer.items():
        members = _named(key, genes)
        if not members:
            problems.append(f"{excerpt(key, 40)}: no gene has this label")
        for gene in members:
            # Compared as values, because 4 and 4.0 are one choice.
            known = {choice_of(choice): float(weight) for choice, weight in weights.items()}
            found[gene.label] = {choice: known[choice] for choice in gene.choices if choice in known}
        unknown = [c for c in weights if members and all(choice_of(c) not in gene.choices for gene in members)]
        problems += [f"{excerpt(key, 40)}: {excerpt(choice, 20)} is no choice of it" for choice in unknown]
    return found, problems


def _named(key: str, genes: Sequence[Gene]) -> list[Gene]:
    """The genes that a key names; none if it names none."""
    label = key.split(":")[0].strip()
    if exact := [gene for gene in genes if gene.label == label or gene.name == label]:
        return exact
    if matched := _RANGE.fullmatch(label):
        indices = range(int(matched["first"]), int(matched["last"]) + 1)
        return [gene for gene in genes if gene.name == matched["name"] and gene.index in indices]
    return []
