"""What does a limit on latency buy? `python -m benchmarks.latency PREDICTOR FOLDER [SEEDS]` draws and prints it.

The same search (evolution, the same evaluations) of `ofa` by predicted accuracy, under limits on the latency of a
device and under limits on MACs. Of a search under a MACs limit that network counts which is best of those scored that
keep the latency; which MACs limit suits a latency best is decided with hindsight, in favour of MACs. PREDICTOR is the
accuracy predictor of OFA's authors. Runs are kept in FOLDER, where the picture and the table go, so that a benchmark
that was stopped goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.evaluator import Evaluator
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

NAME, STRATEGY, EVALUATIONS = "ofa-predicted", "evolution", 300
LATENCIES = {"note10": (20, 25, 30, 40, 50), "v100_64": (16, 20, 24, 30, 36), "titan_rtx_1": (5, 5.5, 6, 6.5)}
MACS = (200, 240, 280, 320, 360, 400, 460, 520, 600)
Scored = tuple[list[Architecture], NDArray[np.float64]]
"""Networks, and their predicted top-1 in percent."""


@dataclass(frozen=True)
class Row:
    """Means and standard errors over seeds of the best predicted top-1 under one limit on latency."""

    device: str
    limit_ms: float
    by_latency: tuple[float, float]
    by_macs: tuple[float, float]
    macs_m: int
    """The limit on MACs that did best."""
    gain: tuple[float, float]
    """Of the two searches of a seed."""


def main(predictor: Path, folder: Path, seeds: int) -> None:
    evaluator = open_evaluator(EvaluatorRequest(supernet=NAME, cache=folder, predictor=predictor)).evaluator
    under_macs = {
        macs: [_search(folder, evaluator, {"macs_m": macs}, None, seed) for seed in range(seeds)] for macs in MACS
    }
    rows = []
    for device, limits in LATENCIES.items():
        for limit in limits:
            found = [_search(folder, evaluator, {"latency_ms": limit}, device, seed) for seed in range(seeds)]
            rows.append(_row(device, limit, found, under_macs))
            print(_line(rows[-1]), flush=True)
    (folder / "latency.md").write_text("\n".join([*_HEAD, *map(_line, rows)]) + "\n", encoding="utf-8")
    _draw(rows, folder / "latency.png")


def _search(folder: Path, evaluator: Evaluator, limits: Mapping[str, float], device: str | None, seed: int) -> Scored:
    config = Config(
        supernet=NAME, strategy=STRATEGY, seed=seed, evaluations=EVALUATIONS, limits=limits, latency_device=device
    )
    ((column, limit),) = limits.items()
    run = RunFolder.at(folder / f"{device or column}-{limit:g}-s{seed}", config)
    space = get_space(NAME, None, device)
    Search(config=config, space=space, evaluator=evaluator, models={}, folder=run, sink=lambda event: None).run()
    return _scored(run.archive)


def _scored(archive: Path) -> Scored:
    with closing(Archive(archive, get_space(NAME))) as opened:
        scores = opened.evaluations(1, opened.last_round)
    return [score.architecture for score in scores], np.array([score.top1 for score in scores])


def _row(device: str, limit_ms: float, found: list[Scored], under_macs: Mapping[int, list[Scored]]) -> Row:
    by_latency = np.array([top1.max() for _, top1 in found])
    by_macs = {macs: np.array([_best(each, device, limit_ms) for each in runs]) for macs, runs in under_macs.items()}
    macs = max(by_macs, key=lambda macs: np.nan_to_num(by_macs[macs].mean(), nan=0.0))
    gain = by_latency - by_macs[macs]
    return Row(device, limit_ms, _mean(by_latency), _mean(by_macs[macs]), macs, _mean(gain))


def _best(scored: Scored, device: str, limit_ms: float) -> float:
    """Of those that keep the latency; nan if there is none."""
    space = get_space(NAME, None, device)
    networks, top1 = scored
    keeps = [(space.cost(a).latency_ms or 0) <= limit_ms for a in networks]
    return float(max(top1[keeps], default=np.nan))


def _mean(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)


_HEAD = (
    "| device | limit, ms | found under it, % | best under a limit on MACs | that limit | gain, points |",
    "|---|---|---|---|---|---|",
)


def _line(row: Row) -> str:
    latency, macs, gain = (f"{mean:.2f} ± {error:.2f}" for mean, error in (row.by_latency, row.by_macs, row.gain))
    return f"| {row.device} | {row.limit_ms:g} | {latency} | {macs} | {row.macs_m:g} M | {gain} |"


def _draw(rows: list[Row], path: Path) -> None:
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(1 + 3 * len(LATENCIES), 3.2), layout="constrained")
        panels = figure.subplots(1, len(LATENCIES), squeeze=False, sharey=True)[0]
        for panel, device in zip(panels, LATENCIES, strict=True):
            _panel(panel, [row for row in rows if row.device == device])
            panel.set_title(device)
        panels[0].set_ylabel("predicted top-1 of the best, %")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        figure.savefig(path, dpi=160)


def _panel(panel: Axes, rows: list[Row]) -> None:
    limits = [row.limit_ms for row in rows]
    for label, colour, line, values in (
        ("limit on latency", "#0072B2", "-", [row.by_latency for row in rows]),
        ("best limit on MACs, latency kept", "#D55E00", "--", [row.by_macs for row in rows]),
    ):
        means, errors = zip(*values, strict=True)
        panel.errorbar(limits, means, errors, color=colour, linestyle=line, marker="o", markersize=3, label=label)
    panel.set_xticks(limits)
    panel.set_xlabel("latency, ms")
    panel.grid(alpha=0.25)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 10)
