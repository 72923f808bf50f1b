"""Adds up the text of a cost table as a person would, from nothing but the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from supernets.space.architecture import Architecture, Dimension, value_of


def added_by_hand(
    text: str, a: Architecture, dimensions: Mapping[str, Dimension], counted: Collection[str]
) -> tuple[float, float]:
    """The cost that the text gives an architecture, and the error that it states.

    Args:
        counted: labels of the dimensions whose choices count.
    """
    chosen = {label: str(value_of(a, dimension)) for label, dimension in dimensions.items()}
    reference = re.search(r"Figures are for (\S+)=(\S+); for another", text)
    shared, choice = reference.groups() if reference else ("", "")
    errors = re.findall(r"within ([\d.e-]+) ", text)
    within = float(errors[-1] if shared and chosen[shared] != choice else errors[0])
    figures = _fixed(text, chosen)
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| entries"):
            columns = cells[1:]
        elif line.startswith("| "):
            for labels, pinned in _entries(cells[0]):
                if {*labels, *pinned} <= set(counted) and all(chosen[label] == c for label, c in pinned.items()):
                    row = dict(zip(columns, map(float, cells[1:]), strict=True))
                    genes = [f"{dimensions[label].gene}={chosen[label]}" for label in labels]
                    plain = chosen[labels[0]] if len(labels) == 1 else " ".join(genes)
                    figure = row[plain] if plain in row else _times(row, genes)
                    figures.append(figure * row.get(f"{shared}={chosen.get(shared)}: x", 1.0))
    return max(figures) if "take the largest" in text else round(sum(figures), 6), within


def _times(row: Mapping[str, float], genes: Collection[str]) -> float:
    """The figure of a column such as `ks=3, for each e`, times the choice of that gene."""
    for column, figure in row.items():
        named, found, unit = column.partition("for each ")
        pinned = set(named.rstrip(", ").split())
        rest = [gene for gene in genes if gene not in pinned]
        if found and pinned <= set(genes) and len(rest) == 1 and rest[0].startswith(f"{unit}="):
            return figure * float(rest[0].removeprefix(f"{unit}="))
    raise KeyError(genes)


def _fixed(text: str, chosen: Mapping[str, str]) -> list[float]:
    line = next((line for line in text.splitlines() if line.startswith("Fixed part")), "")
    if line.startswith("Fixed part:"):
        return [float(line.removeprefix("Fixed part: ").rstrip("."))]
    named = re.findall(r"(\S+)=(\S+): ([\d.]+\d)", line)
    return [float(figure) for label, choice, figure in named if chosen[label] == choice]


def _entries(name: str) -> list[tuple[list[str], dict[str, str]]]:
    """For each entry of a row such as `w[1]=0 w[2] e[1..3]`: labels with columns, and pinned choices."""
    parts = re.findall(r"(\w+)(?:\[([^\]]+)\])?(?:=(\S+))?", name)
    expanded = [_labels(gene, indices) for gene, indices, _ in parts]
    entries = []
    for i in range(max(map(len, expanded))):
        labels = [found[i] if len(found) > 1 else found[0] for found in expanded]
        pinned = {label: choice for label, (_, _, choice) in zip(labels, parts, strict=True) if choice}
        entries.append(([label for label in labels if label not in pinned], pinned))
    return entries


def _labels(gene: str, indices: str) -> list[str]:
    if not indices:
        return [gene]
    labels = []
    for run in indices.split(", "):
        first, _, last = run.partition("..")
        labels += [f"{gene}[{i}]" for i in range(int(first), int(last or first) + 1)]
    return labels
