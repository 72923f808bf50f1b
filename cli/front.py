"""Show the front of accuracy against cost that one or more runs have found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.completion import run_ids
from cli.options import JsonLines, RunsFolder
from common.errors import UserError
from graph.defaults import RUNS
from supernets.space.cost import COST_KINDS


def front(
    runs: Annotated[list[str], typer.Argument(help="Runs, named by folders or ids.", autocompletion=run_ids)],
    cost: Annotated[
        str,
        typer.Option(help=f"Cost to compare by: {', '.join(COST_KINDS)}; by default the one with a limit."),
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Write a plot to this file: .png, .svg or .pdf.")] = None,
    folder: RunsFolder = RUNS,
    json_lines: JsonLines = False,
) -> None:
    """List the candidates that nothing of the same or a lower cost beats, the cheapest first.

    Example: python main.py front RUN --cost params_m --out front.png
    """
    from cli.terminal.console import columns, open_console, score_text
    from studies.front import hypervolumes, pareto_front
    from studies.front_plot import draw_front
    from studies.published_points import published_points
    from studies.run import comparable, load

    if cost and cost not in COST_KINDS:
        raise UserError(f"--cost: expected one of {', '.join(COST_KINDS)}, got {cost!r}")
    loaded = comparable([load(run, folder) for run in runs])
    cost = cost or loaded[0].sweep.narrowest.main_column
    points = [point for run in loaded for point in run.points(cost)]
    found = pareto_front(points)
    if not found:
        raise UserError(f"expected scores with {cost}, the runs have none; name another --cost, or continue them")
    kind = COST_KINDS[cost]
    published = published_points(loaded[0].space.name, loaded[0].protocol, cost)
    if out is not None:
        try:
            reported = [point for run in loaded for point in run.reported(cost)]
            draw_front(points, f"{kind.label} ({kind.unit})", out, published, reported)
        except (OSError, ValueError) as error:
            raise UserError(f"--out {out}: the plot cannot be written ({error})") from None
    if json_lines:
        for point in found:
            a, score = point.score.architecture, point.score
            genotype = loaded[0].space.genotype(a)
            shown = {"run": point.run, "id": a.id, cost: point.cost, "top1": score.top1, "stderr": score.stderr}
            print(json.dumps({**shown, "genotype": genotype}))
        return
    console = open_console()
    several = len(loaded) > 1
    rows = [
        (
            point.score.architecture.id,
            f"{point.cost:.{kind.digits}f}",
            score_text(point.score.top1, point.score.stderr, console.options.ascii_only),
            *([point.run] if several else []),
        )
        for point in found
    ]
    console.print(columns(("id", kind.heading, "top-1 %", *(["run"] if several else [])), rows))
    for each in published:
        console.print(f"published, {each.source}: {each.top1:.1f} % at {each.cost:g} {kind.unit}", style="dim")
    protocol = loaded[0].protocol
    console.print(
        f"Hypervolume {hypervolumes(points)[-1]:,.1f} (percentage points x {kind.unit}), from the lowest score to "
        "the highest cost.",
        style="dim",
    )
    console.print(
        f"{len(found)} of {len(points)} scores, taken {protocol.measure}. {protocol.error_meaning} "
        "The best of many look better than they are.",
        style="dim",
    )
