"""Show a run, or one of its candidates, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import run_ids
from cli.options import RunsFolder
from graph.defaults import RUNS
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studies.niche_map import NicheMap
    from studies.run import Run
    from supernets.evaluate.evaluator import Evaluation
    from supernets.space.architecture import Architecture


def show(
    run: Annotated[str, typer.Argument(help="A run, named by its folder or its id.", autocompletion=run_ids)],
    id: Annotated[str, typer.Argument(help="Scored candidate, by its id or the beginning of it.")] = "",
    runs: RunsFolder = RUNS,
) -> None:
    """Show what a run searched, found and took, round by round; or one scored candidate, drawn with its costs.

    Example: python main.py show RUN
    """
    from cli.session import diagram
    from cli.terminal.console import open_console, table
    from studies.niche_map import niche_map
    from studies.run import load

    loaded, console = load(run, runs), open_console()
    draw = diagram(loaded.space, min(console.width, 100) - 2, console.options.ascii_only)
    if id:
        score = loaded.find(id)
        console.print(draw(score.architecture), highlight=False, markup=False, soft_wrap=True)
        console.print(table(list(_candidate(loaded, score))))
        return
    if loaded.best is not None:
        console.print(draw(loaded.best.architecture), highlight=False, markup=False, soft_wrap=True)
    console.print(table([*_setting(loaded), *_result(loaded)]))
    if len(loaded.sweep) > 1 and loaded.winners:
        from cli.terminal.panels import nothing_within, winners_table
        from graph.result import winner_fields
        from graph.winner import without_winner

        console.print()
        winners = [winner_fields(loaded.space, winner) for winner in loaded.winners]
        console.print(winners_table(winners, loaded.protocol.predicted, console.options.ascii_only))
        for limits in without_winner(loaded.sweep, loaded.winners):
            console.print(nothing_within(limits))
    if (niches := niche_map(loaded)) is not None:
        console.print()
        console.print(_near(loaded, niches))
    if loaded.strategies:
        console.print()
        console.print(_rounds(loaded))


def _setting(run: Run) -> Iterator[tuple[str, str]]:
    from graph.limits import limits_text

    config = run.config
    yield "run", str(run.folder)
    yield "searched", f"{config.label}, {config.strategy}, seed {config.seed}"
    for role, settings in sorted(config.models.items()):
        yield role, settings.name
    yield "limit", limits_text(config)
    yield "scores", f"{run.protocol.measure}; protocol {run.protocol.id}"


def _result(run: Run) -> Iterator[tuple[str, str]]:
    from cli.terminal.console import duration, money, score_text

    if run.best is None:
        yield "best", "nothing is scored yet"
    else:
        yield "best", run.best.architecture.id
        yield from _costs(run, run.best.architecture)
        yield "search", f"{score_text(run.best.top1, run.best.stderr)} %, chosen by it"
    if run.report is not None:
        yield "report", f"{score_text(run.report.top1, run.report.stderr)} % of {run.report.images:,} images"
    yield "state", run.stopped_because or f"not finished: continue it with --resume {run.folder}"
    if run.diagnosis:
        yield "", run.diagnosis
    total = run.total
    calls = f"{total.calls:,} calls, {total.prompt_tokens + total.completion_tokens:,} tokens, {money(total.cost_usd)}"
    yield "took", f"{duration(run.seconds)}, {total.evaluated:,} evaluations, {calls}"


def _candidate(run: Run, score: Evaluation) -> Iterator[tuple[str, str]]:
    from cli.terminal.console import genotype_text, score_text

    candidate = run.candidate(score)
    yield "candidate", f"{score.architecture.id}, round {candidate.round} of {len(run.strategies)}"
    yield "search", f"{score_text(score.top1, score.stderr)} % of {score.images:,} images"
    if (report := run.report_of(score.architecture)) is not None:
        yield "report", f"{score_text(report.top1, report.stderr)} % of {report.images:,} images"
    yield from _costs(run, score.architecture)
    yield "genotype", genotype_text(run.space.genotype(score.architecture))


def _costs(run: Run, a: Architecture) -> Iterator[tuple[str, str]]:
    for name, figure in run.space.cost(a).figures().items():
        if figure is not None:
            yield COST_KINDS[name].label, f"{figure:.{COST_KINDS[name].digits}f} {COST_KINDS[name].unit}"


def _near(run: Run, niches: NicheMap) -> object:
    """The kinds of networks whose best comes near the best of all."""
    from rich.console import Group

    from cli.terminal.console import columns, score_text

    rows = [
        (
            score.architecture.id,
            f"{run.space.cost(score.architecture).macs_m:.1f}",
            score_text(score.top1, score.stderr),
        )
        for score in niches.near
    ]
    heading = "within a point of the best"
    return Group(
        columns((heading, "M MACs", "search %"), rows),
        f"{len(niches.best)} of {len(niches.polygons)} kinds of networks are found.",
    )


def _rounds(run: Run) -> object:
    from cli.terminal.console import columns

    first = {each.architecture: each.round for each in reversed(run.candidates)}
    best: list[list[float]] = [[] for _ in run.ledgers]
    for score in run.evaluations:
        best[first[score.architecture] - 1].append(score.top1)
    rows = [
        (
            f"round {number}", f"{ledger.evaluated}", f"{max(scores):.2f}" if scores else "-",
            f"{ledger.illegal}", f"{ledger.duplicate}", f"{ledger.over_limit}", f"{ledger.calls}",
        )
        for number, (ledger, scores) in enumerate(zip(run.ledgers, best, strict=True), 1)
    ]  # fmt: skip
    return columns(("", "scored", "best top-1 %", "illegal", "duplicate", "over limit", "calls"), rows)
