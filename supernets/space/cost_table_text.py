"""The text of a cost table for one kind of cost: Markdown with figures that a reader can add up by hand.

Notable: dimensions that make no difference to the kind are left out, and parts with equal figures share a row. A
dimension of most parts (the resolution) is shown by a factor for each row where rows for each of its choices would be
too many, and figures in proportion to a number (the expansion) are given for one unit of it; the text states the
largest error of both. It names genes and choices only, so it suits disguised spaces.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from supernets.space.architecture import Choice, Dimension
from supernets.space.cost import CostKind

Choices = tuple[Choice, ...]
_MOST_COLUMNS, _MOST_ROWS = 9, 24
_FACTOR_DIGITS = 4
_PROPORTIONAL = 0.02
"""Largest relative error with which figures count as proportional to a number."""


@dataclass(frozen=True)
class Part:
    """What one part of a network costs, by the choices of its dimensions."""

    labels: tuple[str, ...]
    figures: Mapping[Choices, float]

    def by(self, label: str, choice: Choice) -> Part:
        """The part with one choice of one dimension, by the choices of the others."""
        at = self.labels.index(label)
        figures = {key[:at] + key[at + 1 :]: figure for key, figure in self.figures.items() if key[at] == choice}
        return Part(self.labels[:at] + self.labels[at + 1 :], figures)


@dataclass(frozen=True)
class _Row:
    name: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]


class CostTableText:
    """The text of the parts of one kind of cost.

    Args:
        total: how parts make the cost of a network, `sum` or `max`.
    """

    def __init__(
        self,
        *,
        dimensions: Sequence[Dimension],
        parts: Iterable[Part],
        kind: CostKind,
        total: Callable[[Iterable[float]], float],
    ) -> None:
        self._choices = {dimension.label: dimension.choices for dimension in dimensions}
        self._dimensions = {dimension.label: dimension for dimension in dimensions}
        self._kind, self._total = kind, total
        reduced = [self._reduced(part) for part in parts]
        self._shared = _shared([part for part in reduced if part.labels])
        self._fixed = [part for part in reduced if set(part.labels) <= {self._shared}]
        self._groups = self._alike([part for part in reduced if part not in self._fixed])
        shared = self._choices.get(self._shared, ())
        self._by_factor = len(self._groups) * len(shared) > _MOST_ROWS
        self._shown_at: Choices = ()
        """With factors, the choices of the shared dimension: the one with the largest figures, then the others."""
        if self._by_factor:
            largest = max(shared, key=self._sum_at)
            self._shown_at = (largest, *(choice for choice in shared if choice != largest))
        self._units: set[str] = set()
        """Names of the genes that figures are in proportion to."""
        self._errors: list[list[float]] = []
        """Of each part the largest error in the text: with factors at each of `_shown_at`, else one error."""

    def text(self) -> str:
        fixed = self._describe_fixed()
        tables = self._tables([row for group in self._groups for row in self._rows(group)])
        exact, *factored = (self._total(errors) for errors in zip(*self._errors, strict=True))
        return "\n".join([*self._rules(exact, max(factored, default=0.0)), *fixed, *tables])

    # Parts

    def _reduced(self, part: Part) -> Part:
        """The part without dimensions that make no difference, except one that decides whether it counts."""
        for label in part.labels:
            figures = [part.by(label, choice).figures for choice in self._choices[label]]
            gate = self._dimensions[label].acts_from
            gates = [self._dimensions[other].acts_from for other in part.labels if other != label]
            if all(other == figures[0] for other in figures) and (gate is None or gate in gates):
                return self._reduced(part.by(label, self._choices[label][0]))
        return part

    def _sum_at(self, choice: Choice) -> float:
        """The sum of all figures of the rows with one choice of the shared dimension."""
        varied = [group[0] for group in self._groups if self._shared in group[0].labels]
        return sum(sum(part.by(self._shared, choice).figures.values()) for part in varied)

    def _alike(self, parts: Sequence[Part]) -> list[list[Part]]:
        """Parts with the same genes, choices and figures together."""
        groups: dict[object, list[Part]] = {}
        for part in parts:
            genes = tuple(self._dimensions[label].gene for label in part.labels)
            groups.setdefault((genes, tuple(part.figures.items())), []).append(part)
        return [part for group in groups.values() for part in self._named_together(group)]

    def _named_together(self, parts: Sequence[Part]) -> list[list[Part]]:
        """The parts as one group if ranges of entries can name them, like `ks[1..3] e[1..3]`; else each alone."""
        indices = [
            tuple(self._dimensions[label].index for label in at) for at in zip(*(p.labels for p in parts), strict=True)
        ]
        varied = {entries for entries in indices if len(set(entries)) > 1}
        return [list(parts)] if len(varied) < 2 else [[part] for part in parts]

    # Rules and fixed part

    def _rules(self, exact: float, factored: float) -> list[str]:
        kind = self._kind
        how = "take the largest of" if self._total is max else "add"
        lines = [
            f"To find {kind.label} in {kind.unit}, {how} the fixed part and, for each entry that acts, the figure of "
            f"its choices (within {self._at_most(exact)})."
        ]
        if self._units:
            lines.append("A figure `for each` entry is to be multiplied by its choice.")
        if any(len(group) > 1 for group in self._groups):
            lines.append("A row of several entries holds for each of them.")
        if self._by_factor:
            lines.append(
                f"Figures are for {self._shared}={self._shown_at[0]}; for another, multiply them by the factor in the "
                f"last columns (within {self._at_most(factored)})."
            )
        return lines

    def _at_most(self, error: float) -> str:
        scale = 10**self._kind.digits
        return f"{max(1, math.ceil(error * scale)) / scale:g} {self._kind.unit}"

    def _describe_fixed(self) -> list[str]:
        if not self._fixed:
            return []
        choices = self._choices.get(self._shared, ("",))
        figures = [
            self._total(part.figures[(choice,) if part.labels else ()] for part in self._fixed) for choice in choices
        ]
        self._errors.append([max(map(self._rounding, figures))] * max(1, len(self._shown_at)))
        if len(set(figures)) == 1:
            return ["", f"Fixed part: {self._shown(figures[0])}."]
        named = (f"{self._shared}={choice}: {self._shown(x)}" for choice, x in zip(choices, figures, strict=True))
        return ["", f"Fixed part, at {', '.join(named)}."]

    def _shown(self, figure: float) -> str:
        return f"{figure:.{self._kind.exact_digits}f}"

    def _rounding(self, figure: float) -> float:
        return abs(float(self._shown(figure)) - figure)

    # Rows

    def _rows(self, group: Sequence[Part]) -> list[_Row]:
        """The rows of parts with equal figures: one, or one for each choice of dimensions that have no columns."""
        part, by_factor = group[0], self._by_factor and self._shared in group[0].labels
        pinned = [self._shared] if self._shared in part.labels and not by_factor else []
        free = [label for label in part.labels if label not in (self._shared, *pinned)]
        while math.prod(len(self._choices[label]) for label in free) > _MOST_COLUMNS:
            pinned.append(free.pop(0))
        unit = next((label for label in reversed(free) if self._is_unit(part, label)), None)
        if unit:
            self._units.add(self._dimensions[unit].gene)
        kept = [label for label in free if label != unit]
        columns = tuple(
            self._heading(chosen, unit)
            for chosen in product(*([(label, c) for c in self._choices[label]] for label in kept))
        )
        if by_factor:
            columns += tuple(f"{self._shared}={choice}: x" for choice in self._shown_at[1:])
        rows, errors = [], []
        for choices in product(*(self._choices[label] for label in pinned)):
            chosen = dict(zip(pinned, choices, strict=True))
            if by_factor:
                exact = [self._figures(part, {**chosen, self._shared: choice}) for choice in self._shown_at]
            else:
                exact = [self._figures(part, chosen)] * max(1, len(self._shown_at))
            cells, shown = self._cells(exact[0], free, unit)
            factors = [1.0, *(_factor(shown, figures) if by_factor else 1.0 for figures in exact[1:])]
            errors.append([_largest_error(shown, f, figures) for f, figures in zip(factors, exact, strict=True)])
            if by_factor:
                cells += [f"{factor:.{_FACTOR_DIGITS}f}" for factor in factors[1:]]
            rows.append(_Row(self._name(group, chosen), columns, tuple(cells)))
        self._errors += [[max(found) for found in zip(*errors, strict=True)]] * len(group)
        return rows

    def _figures(self, part: Part, chosen: Mapping[str, Choice]) -> list[float]:
        """The figures of a part with some dimensions chosen, in the order of its columns."""
        for label, choice in chosen.items():
            part = part.by(label, choice)
        return [part.figures[choices] for choices in product(*(self._choices[label] for label in part.labels))]

    def _is_unit(self, part: Part, label: str) -> bool:
        """Whether all figures of a part are in proportion to the choices of a dimension."""
        choices, dimension = self._choices[label], self._dimensions[label]
        if (
            self._total is max
            or len(choices) < 2
            or not dimension.ordered
            or not all(isinstance(c, int | float) and c > 0 for c in choices)
        ):
            return False
        others = [other for other in part.labels if other != label]
        for key in product(*(self._choices[other] for other in others)):
            chosen = dict(zip(others, key, strict=True))
            figures = self._figures(part, chosen)
            unit = _proportion(choices, figures)
            if any(abs(unit * float(c) - f) > _PROPORTIONAL * abs(f) for c, f in zip(choices, figures, strict=True)):
                return False
        return True

    def _cells(self, figures: Sequence[float], free: Sequence[str], unit: str | None) -> tuple[list[str], list[float]]:
        """The cells of a row, and the figures that a reader computes from them, in the order of `figures`."""
        if unit is None:
            cells = [self._shown(figure) for figure in figures]
            return cells, list(map(float, cells))
        at, choices = free.index(unit), self._choices[unit]
        by_rest: dict[Choices, list[float]] = {}
        keys = list(product(*(self._choices[label] for label in free)))
        for key, figure in zip(keys, figures, strict=True):
            by_rest.setdefault(key[:at] + key[at + 1 :], []).append(figure)
        shown = {
            rest: f"{_proportion(choices, each):.{self._kind.exact_digits + 1}f}" for rest, each in by_rest.items()
        }
        return list(shown.values()), [float(shown[key[:at] + key[at + 1 :]]) * float(key[at]) for key in keys]

    def _name(self, group: Sequence[Part], chosen: Mapping[str, Choice]) -> str:
        """The labels of several parts, with their choice where the row is of one choice only."""
        names = []
        for labels in zip(*(part.labels for part in group), strict=True):
            first = self._dimensions[labels[0]]
            if first.label in chosen or first.label != self._shared:
                indices = _ranges([self._dimensions[label].index or 0 for label in labels])
                name = first.label if len(set(labels)) == 1 else f"{first.gene}[{indices}]"
                names.append(f"{name}={chosen[first.label]}" if first.label in chosen else name)
        return " ".join(names)

    def _heading(self, chosen: Sequence[tuple[str, Choice]], unit: str | None) -> str:
        each = f"for each {self._dimensions[unit].gene}" if unit else ""
        if len(chosen) == 1 and not unit:
            return str(chosen[0][1])
        named = " ".join(f"{self._dimensions[label].gene}={choice}" for label, choice in chosen)
        return ", ".join(filter(None, (named, each)))

    def _tables(self, rows: Sequence[_Row]) -> list[str]:
        lines: list[str] = []
        for columns in dict.fromkeys(row.columns for row in rows):
            lines += ["", _line(("entries", *columns)), "|" + "---|" * (len(columns) + 1)]
            lines += [_line((row.name, *row.cells)) for row in rows if row.columns == columns]
        return lines


def _shared(parts: Sequence[Part]) -> str:
    """The dimension that more than half of several parts have; empty if there is none."""
    ((label, count),) = Counter(label for part in parts for label in part.labels).most_common(1) or [("", 0)]
    return label if count > 1 and count > len(parts) / 2 else ""


def _proportion(choices: Sequence[Choice], figures: Sequence[float]) -> float:
    """The figure for one unit of a number, by least squares."""
    numbers = [float(choice) for choice in choices]
    return sum(x * y for x, y in zip(numbers, figures, strict=True)) / sum(x * x for x in numbers)


def _largest_error(shown: Sequence[float], factor: float, figures: Sequence[float]) -> float:
    return max(abs(factor * x - figure) for x, figure in zip(shown, figures, strict=True))


def _factor(shown: Sequence[float], others: Sequence[float]) -> float:
    """The factor from one list of figures to another with the least squares of errors, as a text shows it."""
    squares = sum(x * x for x in shown)
    return round(sum(x * y for x, y in zip(shown, others, strict=True)) / squares, _FACTOR_DIGITS) if squares else 1.0


def _ranges(numbers: Sequence[int]) -> str:
    """`0, 2..4` for 0, 2, 3 and 4."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}..{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
