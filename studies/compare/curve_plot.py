"""The plot of a study: best score so far against evaluations, one panel per data set.

Lines are means over seeds, bands are their standard errors; a dotted line is the best possible report score, if known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from studies.compare.curves import FinishedRun
from studies.compare.statistics import ScoreRange

_COLOURS = [
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#999999",
    "#8C564B",
    "#F0E442",
]
"""The colour-blind safe palette of Okabe and Ito, and two more."""
_LINES = ("-", "--", "-.", ":")
_COLUMNS = 3
"""Most panels beside each other."""
_HIDDEN = 0.1
"""Share of the first evaluations that may fall below a panel, since they would flatten the rest."""


def draw(runs: Sequence[FinishedRun], ranges: Mapping[str, ScoreRange], path: Path) -> None:
    """Write the plot; the suffix of `path` selects the format."""
    datasets = list(dict.fromkeys(run.dataset for run in runs))
    strategies = list(dict.fromkeys(run.strategy for run in runs))
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        columns = min(len(datasets), _COLUMNS)
        rows = -(-len(datasets) // columns)
        figure = Figure(figsize=(1 + 4 * columns, 0.6 + 3 * rows), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False).flat
        for panel in panels[len(datasets) :]:
            panel.remove()
        for panel, dataset in zip(panels, datasets, strict=False):
            _panel(panel, [run for run in runs if run.dataset == dataset], strategies, ranges[dataset])
            panel.set_title(dataset)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5), frameon=False)
        figure.savefig(path, dpi=160)


def _panel(panel: Axes, runs: Sequence[FinishedRun], strategies: Sequence[str], score_range: ScoreRange) -> None:
    lows, highs = [], [score_range.best_report] if score_range.best_report else []
    for i, strategy in enumerate(strategies):
        curves = [run.report or run.search for run in runs if run.strategy == strategy]
        if not curves:
            continue
        mean, error = _mean_and_error(curves)
        x = np.arange(1, len(mean) + 1)
        colour = _COLOURS[i % len(_COLOURS)]
        panel.plot(x, mean, _LINES[i // len(_COLOURS) % len(_LINES)], color=colour, label=strategy, linewidth=1.5)
        panel.fill_between(x, mean - error, mean + error, color=colour, alpha=0.15, linewidth=0)
        # A run has no score within a limit before one is found.
        known = np.flatnonzero(np.isfinite(mean))
        if not len(known):
            continue
        lows.append(mean[max(int(_HIDDEN * len(mean)), known[0])])
        highs.append(np.nanmax(mean + error))
    if score_range.best_report:
        panel.axhline(score_range.best_report, color="black", linestyle=":", linewidth=1)
    room = 0.04 * (max(highs) - np.median(lows))
    panel.set_ylim(np.median(lows) - room, max(highs) + room)
    panel.margins(x=0)
    panel.set_xlabel("evaluations")
    which = "report" if runs[0].report else "search"
    panel.set_ylabel(f"{which} top-1 of the best so far, %")
    panel.grid(alpha=0.25)


def _mean_and_error(curves: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    longest = max(map(len, curves))
    table = np.array([[*curve, *[curve[-1]] * (longest - len(curve))] for curve in curves])
    error = table.std(axis=0, ddof=1) / np.sqrt(len(table)) if len(table) > 1 else np.zeros(longest)
    return table.mean(axis=0), error
