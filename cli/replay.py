"""Repeat a finished search from its record."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.evaluators import drawer, loading, open_run
from cli.options import RUNS
from cli.session import sink_for


def replay(
    run: Annotated[str, typer.Argument(help="A finished run: its folder or its id.")],
    recorded_scores: Annotated[
        bool, typer.Option("--recorded-scores", help="Take scores from the record; weights and images are not needed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the start, each new best, and the result.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Repeat a finished search, offline: no model is asked, scores are measured again and must agree."""
    from cli.terminal.console import open_console
    from graph.replay.replay import replay as repeat
    from graph.run_folder import RunFolder
    from graph.search import RunNotes
    from supernets.families.registry import get_space

    recorded = RunFolder.find(RUNS, run)
    config = recorded.config()
    evaluator = None
    if not recorded_scores:
        with loading(json_lines or quiet) as progress:
            evaluator = open_run(config, progress).evaluator
    space, console = get_space(config.supernet, config.dataset, config.latency_device), open_console()
    folder = RunFolder.make(RUNS, f"{recorded.id}-replay")
    scores = "from the record" if recorded_scores else "measured again"
    words = RunNotes(
        (("replay of", str(recorded.path), "answers of models come from its record"), ("scores", scores, ""),
         ("run folder", str(folder.path), "everything is recorded there")),
        draw=drawer(space, min(console.width, 100) - 2, console.options.ascii_only),
    )  # fmt: skip
    with sink_for(folder, quiet, json_lines) as sink:
        repeat(recorded, folder, space, evaluator, sink, words)
    if not json_lines:
        print(f"the replay equals its run: {folder.path}")
