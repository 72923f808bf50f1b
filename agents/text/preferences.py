"""Relative weights of choices, and combinations never to draw, as the Navigator writes them in the block of a strategy.

A key is the label of a gene (`ks[2]`), a range of labels of one name (`ks[2] to ks[5]`, `ks[2..5]`), or a name alone
for all its genes. Later keys count before earlier ones. What names no gene or choice is a problem, never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.text.genes import Choice, Gene, choice_of
from agents.text.sanitize import excerpt

_CHANCE = 3.0
"""Standard errors of a share that chance explains."""
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


def read_exclusions(
    exclude: Sequence[Mapping[str, Any]], genes: Sequence[Gene]
) -> tuple[list[dict[str, tuple[Choice, ...]]], list[str]]:
    """Combinations that are excluded, by label of gene and its choices, and the problems of what could not be read.

    An architecture that has one of the choices of every gene of a combination is excluded.

    Args:
        exclude: objects of a label and one choice or a list of choices; a label names one gene.
    """
    found, problems = [], []
    for combination in exclude:
        read = {}
        for key, value in combination.items():
            members = _named(key, genes)
            wanted = {choice_of(str(choice)) for choice in (value if isinstance(value, list) else [value])}
            if len(members) != 1:
                problems.append(f"exclude: {excerpt(key, 40)}: expected the label of one gene")
            elif unknown := wanted - set(members[0].choices):
                problems.append(
                    f"exclude: {excerpt(key, 40)}: {excerpt(str(min(unknown, key=str)), 20)} is no choice of it"
                )
            else:
                read[members[0].label] = tuple(choice for choice in members[0].choices if choice in wanted)
        # Part of a combination would exclude more than was meant.
        if len(read) == len(combination):
            found.append(read)
    return found, problems


def strays(
    prefer: Mapping[str, Mapping[Choice, float]], genes: Sequence[Gene], proposed: Sequence[Mapping[str, Any]]
) -> list[tuple[float, str]]:
    """The genes of which the shares of choices in `proposed` differ from those asked for, the largest difference first.

    Differences that chance explains, in few proposals or among many genes, are left out.

    Returns:
        pairs of the share of proposals that would have to change, and `ks[2]: 5 asked 10 %, drawn 60 %` for the choice
        that was drawn too often.
    """
    architectures = [{gene.label: gene.value(genotype) for gene in genes} for genotype in proposed]
    found = []
    for gene in genes:
        weights, values = prefer.get(gene.label, {}), [each[gene.label] for each in architectures if gene.acts(each)]
        total = sum(weights.values())
        if not values or not total or len(weights) < len(gene.choices):
            continue
        excess = {choice: values.count(choice) / len(values) - weights[choice] / total for choice in gene.choices}
        most = max(excess, key=lambda choice: excess[choice])
        asked, drawn = weights[most] / total, values.count(most) / len(values)
        if drawn - asked <= _CHANCE * math.sqrt(asked * (1 - asked) / len(values)):
            continue
        text = f"{gene.label}: {most} asked {100 * asked:.0f} %, drawn {100 * drawn:.0f} %"
        found.append((sum(max(0.0, each) for each in excess.values()), text))
    return sorted(found, key=lambda pair: -pair[0])


def agreement(
    prefer: Mapping[str, Mapping[Choice, float]], genes: Sequence[Gene], proposed: Sequence[Mapping[str, Any]]
) -> float | None:
    """How far the shares of choices in `proposed` are those asked for, from 0 to 1: the mean overlap of the two.

    None if no preferred gene acts in any of them.
    """
    architectures = [{gene.label: gene.value(genotype) for gene in genes} for genotype in proposed]
    overlaps = []
    for gene in genes:
        weights, values = prefer.get(gene.label, {}), [each[gene.label] for each in architectures if gene.acts(each)]
        total = sum(weights.values())
        if values and total:
            overlaps.append(sum(min(w / total, values.count(choice) / len(values)) for choice, w in weights.items()))
    return sum(overlaps) / len(overlaps) if overlaps else None


def _named(key: str, genes: Sequence[Gene]) -> list[Gene]:
    """The genes that a key names; none if it names none."""
    label = key.split(":")[0].strip()
    if exact := [gene for gene in genes if gene.label == label or gene.name == label]:
        return exact
    if matched := _RANGE.fullmatch(label):
        indices = range(int(matched["first"]), int(matched["last"]) + 1)
        return [gene for gene in genes if gene.name == matched["name"] and gene.index in indices]
    return []
