"""The plot of a front: every score against its cost with its error, and the hypervolume over evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.front import Point, hypervolumes, pareto_front
from studies.published_points import PublishedPoint

_FRONT, _OTHERS = "#0072B2", "#AAAAAA"
_REPORTED = "#CC79A7"
_PUBLISHED = ("#D55E00", "#009E73")
_RUNS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")


def draw_front(
    points: Sequence[Point],
    cost: str,
    path: Path,
    published: Sequence[PublishedPoint] = (),
    reported: Sequence[Point] = (),
) -> None:
    """Write the plot; the suffix of `path` selects the format.

    Args:
        points: in the order in which each run scored them.
        cost: label of the axis of costs, with its unit.
        published: sub-networks to draw beside them.
        reported: winners with their scores on images that chose nothing.
    """
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(9.6, 3.9), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _draw_points(left, points, published)
        if reported:
            left.errorbar(
                [point.cost for point in reported], [point.score.top1 for point in reported],
                [point.score.stderr or 0.0 for point in reported], fmt="D", color=_REPORTED, fillstyle="none",
                markersize=5, elinewidth=1, label="winners on images that chose nothing",
            )  # fmt: skip
        left.set_xlabel(cost)
        left.set_ylabel("top-1 that the search saw, %")
        _draw_hypervolume(right, points)
        for panel in (left, right):
            panel.grid(alpha=0.25)
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path, dpi=160)


def _draw_points(panel: Axes, points: Sequence[Point], published: Sequence[PublishedPoint]) -> None:
    front = pareto_front(points)
    x, y = [point.cost for point in front], [point.score.top1 for point in front]
    others = [point for point in points if point not in front]
    panel.errorbar(
        [point.cost for point in others], [point.score.top1 for point in others],
        [point.score.stderr or 0.0 for point in others], fmt="o", color=_OTHERS, markersize=2.6, elinewidth=0.5,
        alpha=0.75, label="dominated",
    )  # fmt: skip
    panel.step(x, y, where="post", color=_FRONT, linewidth=1, alpha=0.6)
    errors = [point.score.stderr or 0.0 for point in front]
    panel.errorbar(x, y, errors, fmt="o", color=_FRONT, markersize=4, elinewidth=1, capsize=2, label="front")
    for source, colour in zip(dict.fromkeys(point.source for point in published), _PUBLISHED, strict=False):
        own = [point for point in published if point.source == source]
        panel.plot(
            [point.cost for point in own], [point.top1 for point in own], "D", color=colour, markersize=4.5,
            fillstyle="none", label=f"published: {source}",
        )  # fmt: skip


def _draw_hypervolume(panel: Axes, points: Sequence[Point]) -> None:
    """The share of the final hypervolume of all runs, over the evaluations of each run."""
    whole = hypervolumes(points)[-1] or 1.0
    runs = dict.fromkeys(point.run for point in points)
    top, low = max(point.cost for point in points), min(point.score.top1 for point in points)
    for run, colour in zip(runs, _RUNS * len(runs), strict=False):
        own = [point for point in points if point.run == run]
        shares = [100 * each / whole for each in hypervolumes(own, (top, low))]
        label = run if len(runs) > 1 else None
        panel.step(range(1, len(own) + 1), shares, where="post", color=colour, linewidth=1.4, label=label)
    panel.set_xlabel("evaluations")
    panel.set_ylabel("hypervolume, % of that of all scores")
