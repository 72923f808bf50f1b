"""The dimension table of a space's description: what people, language models and the analyst read alike.

One row for each group of dimensions that share choices and meaning; `ks[2]:d[0]>=3` says that gene `ks[2]` acts only
when `d[0]` is at least 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from supernets.space import Dimension


def dimension_table(dimensions: Sequence[Dimension]) -> str:
    lines = ["| genes | choices | meaning |", "|---|---|---|"]
    for _, members in groupby(dimensions, key=lambda dimension: dimension.group):
        group = list(members)
        genes = " ".join(_gene(dimension) for dimension in group)
        lines.append(f"| {genes} | {', '.join(map(str, group[0].choices))} | {group[0].meaning} |")
    return "\n".join(lines)


def _gene(dimension: Dimension) -> str:
    if dimension.acts_from is None:
        return dimension.label
    label, least = dimension.acts_from
    return f"{dimension.label}:{label}>={least}"
