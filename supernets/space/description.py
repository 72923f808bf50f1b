"""The dimension table of a space's description, for people, language models and the analyst.

One row for each group of dimensions that share choices and meaning; `ks[2]:d[0]>=3` says that gene `ks[2]` acts only
when `d[0]` is at least 3. Commas separate steps of one quantity (`3, 5, 7`), slashes names without order (`0 / 1 / 2`).
"""

from __future__ import annotations

from collections.abc import Sequence

from supernets.space.architecture import Dimension


def dimension_table(dimensions: Sequence[Dimension]) -> str:
    lines = ["| genes | choices | meaning |", "|---|---|---|"]
    groups: dict[str, list[Dimension]] = {}
    for dimension in dimensions:
        groups.setdefault(dimension.group, []).append(dimension)
    for group in groups.values():
        genes = " ".join(_gene(dimension) for dimension in group)
        choices = (", " if group[0].ordered else " / ").join(map(str, group[0].choices))
        lines.append(f"| {genes} | {choices} | {group[0].meaning} |")
    return "\n".join(lines)


def _gene(dimension: Dimension) -> str:
    if dimension.acts_from is None:
        return dimension.label
    label, least = dimension.acts_from
    return f"{dimension.label}:{label}>={least}"
