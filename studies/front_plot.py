"""The plot of a front: every score against its cost, those on the front with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from studies.front import Point, pareto_front

_FRONT, _OTHERS = "#0072B2", "#AAAAAA"


def draw_front(points: Sequence[Point], cost: str, path: Path) -> None:
    """Write the plot; the suffix of `path` selects the format.

    Args:
        cost: label of the axis of costs, with its unit.
    """
    front = pareto_front(points)
    x, y = [point.cost for point in front], [point.score.top1 for point in front]
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(5.5, 3.6), layout="constrained")
        panel = figure.subplots()
        panel.scatter(
            [point.cost for point in points], [point.score.top1 for point in points], s=9, color=_OTHERS,
            label="all scores", linewidth=0,
        )  # fmt: skip
        panel.step(x, y, where="post", color=_FRONT, linewidth=1, alpha=0.6)
        errors = [point.score.stderr or 0.0 for point in front]
        panel.errorbar(x, y, errors, fmt="o", color=_FRONT, markersize=4, elinewidth=1, capsize=2, label="front")
        panel.set_xlabel(cost)
        panel.set_ylabel("top-1 that the search saw, %")
        panel.grid(alpha=0.25)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        figure.savefig(path, dpi=160)
