"""The pictures of `docs/scaling.md`, and its tables on standard output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from benchmarks.scaling import study
from benchmarks.scaling.assumed import CALLS, CANDIDATE, CANDIDATES
from benchmarks.scaling.model import Site
from benchmarks.scaling.record import found

DOCS = Path(__file__).parents[2] / "docs"
MOST = max(study.GPUS)
_CROWDS = (
    ("2 GPUs kept by each run", 2, False, "C0-o"),
    ("8 GPUs kept by each run", 8, False, "C1-o"),
    ("up to 2 from a pool", 2, True, "C0--o"),
    ("up to 8 from a pool", 8, True, "C1--o"),
)
_SHARES = {"queued": "no GPUs yet", "models": "models speak", "scoring": "scored, or next in the pool"}


def draw() -> None:
    with _panels("search") as (hours, utilisation):
        _draw_hours(hours)
        _draw_utilisation(utilisation)
    with _panels("users") as (minutes, shares):
        _draw_crowds(minutes, shares)
    with _panels("archive") as (throughput, waits):
        _draw_throughput(throughput)
        _draw_waits(waits)
    _print_limits()


def _draw_hours(panel: Axes) -> None:
    for way, plan in study.WAYS.items():
        rows = [study.one_search(plan, gpus) for gpus in study.GPUS]
        panel.plot(study.GPUS, [row.hours for row in rows], "o-", markersize=3, label=way)
        for gpus, row in zip(study.GPUS, rows, strict=True):
            spent = row.outcome
            print(
                f"{way:35} {gpus:2} GPUs {row.hours:6.2f} h  {row.utilisation:5.1f} % used  "
                f"models {spent.models / 3600:5.2f} h  scoring {spent.scoring / 3600:5.2f} h"
            )
    alone = study.one_search(study.LARGE, 1).outcome.busy / 3600
    panel.plot(study.GPUS, [alone / gpus for gpus in study.GPUS], ":", color="black", label="scoring alone, no wait")
    panel.set_yscale("log")
    _label_values(panel.yaxis, (0.25, 0.5, 1, 2, 4, 8, 16))
    panel.set_xscale("log")
    _label_values(panel.xaxis, study.GPUS)
    panel.set(title=f"{study.CANDIDATES:,} candidates", xlabel="GPUs", ylabel="hours")
    panel.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _draw_utilisation(panel: Axes) -> None:
    for way, plan in study.WAYS.items():
        rows = [study.one_search(plan, MOST, call) for call in CALLS]
        panel.plot(CALLS, [row.utilisation for row in rows], "o-", markersize=3)
        slower = [study.one_search(plan, MOST, candidate=candidate) for candidate in CANDIDATES]
        for of, seconds, found_for in (("calls", CALLS, rows), ("candidates", CANDIDATES, slower)):
            print(f"{way:35} {of} of {seconds} s: {[round(row.utilisation, 1) for row in found_for]} % used")
    panel.set_xscale("log")
    _label_values(panel.xaxis, CALLS)
    panel.set(title=f"{MOST} GPUs", xlabel="seconds of a call", ylabel="GPU time used, %", ylim=(0, 100))


def _draw_crowds(minutes: Axes, shares: Axes) -> None:
    bars = []
    for name, workers, pooled, line in _CROWDS:
        rows = [study.users(count, Site(MOST, pooled), workers) for count in study.USERS]
        minutes.plot(study.USERS, [row.minutes for row in rows], line, markersize=3, label=name)
        bars.append(rows[-1])
        for count, row in zip(study.USERS, rows, strict=True):
            print(f"{name:24} {count:3} users: {row}")
    done = [0.0] * len(bars)
    for i, (key, label) in enumerate(_SHARES.items()):
        values = [getattr(row, key) for row in bars]
        shares.barh([name for name, *_ in _CROWDS], values, left=done, label=label, color=f"C{i + 2}")
        done = [before + value for before, value in zip(done, values, strict=True)]
    minutes.set(title=f"{MOST} GPUs, {study.EVALUATIONS} candidates each", xlabel="users", ylabel="minutes, mean")
    minutes.set_ylim(bottom=0)
    minutes.legend(frameon=False)
    shares.set(title=f"{study.USERS[-1]} users", xlabel="share of the wait, %", xlim=(0, 100))
    shares.invert_yaxis()
    shares.figure.legend(*shares.get_legend_handles_labels(), loc="outside lower right", ncols=3, frameon=False)


def _print_limits() -> None:
    """What models that answer few at once, and one file for all, do to users of a pool."""
    users = study.USERS[-1]
    for calls in (8, 16, 32, 64):
        print(f"{calls} calls at once: {study.users(users, Site(MOST, True, calls_at_once=calls), 8)}")
    for candidate in (CANDIDATE, 1.0):
        row = study.users(users, Site(MOST, True, commits_at_once=1), 8, candidate=candidate)
        print(f"one file, {candidate} s a candidate: {row}")


def _draw_throughput(panel: Axes) -> None:
    measured = found("archive")
    for name, label in (("own", "a file for each run"), ("shared", "one file for all")):
        rows = measured[name]
        panel.plot([r["writers"] for r in rows], [r["per_second"] for r in rows], "o-", markersize=3, label=label)
    for candidate in (CANDIDATE, 1.0):
        panel.axhline(MOST / candidate, color="black", linestyle=":", linewidth=1)
        panel.text(1, MOST / candidate * 1.15, f"{MOST} GPUs, {candidate:g} s a candidate")
    panel.set_xscale("log")
    _label_values(panel.xaxis, [row["writers"] for row in measured["own"]])
    panel.set_yscale("log")
    panel.set(title="as fast as they can", xlabel="processes that write", ylabel="scores a second", ylim=(3, 20_000))
    panel.legend(loc="center right", frameon=False)


def _draw_waits(panel: Axes) -> None:
    rows = found("archive")["paced"]
    tried = [row["tried"] for row in rows]
    for key, label in (("longest_ms", "longest"), ("p99_ms", "99th percentile"), ("median_ms", "median")):
        panel.plot(tried, [row[key] for row in rows], "o-", markersize=3, label=label)
    panel.set_xscale("log")
    _label_values(panel.xaxis, tried)
    panel.set_yscale("log")
    panel.set(title="one file, 64 processes", xlabel="scores a second tried", ylabel="ms until on the disk")
    panel.legend(frameon=False)


@contextmanager
def _panels(name: str) -> Iterator[tuple[Axes, Axes]]:
    spines = {"axes.spines.top": False, "axes.spines.right": False}
    with style.context(["tableau-colorblind10", {"font.size": 9, "lines.linewidth": 1.5, **spines}]):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        yield left, right
        for panel in (left, right):
            panel.grid(alpha=0.25)
            panel.set_axisbelow(True)
        figure.savefig(DOCS / f"scaling-{name}.png", dpi=130)


def _label_values(axis: Axis, values: Sequence[float]) -> None:
    axis.set_major_locator(FixedLocator(values))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, position: f"{value:g}")
