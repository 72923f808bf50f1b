"""Repeat a finished search from its record."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.completion import run_ids
from cli.options import JsonLines, Quiet, RunsFolder
from cli.session import decoding_progress, diagram, open_sink
from graph.defaults import RUNS
from graph.opening import open_evaluator, open_space, recorded_images_name


def replay(
    run: Annotated[str, typer.Argument(help="A finished run, named by its folder or its id.", autocompletion=run_ids)],
    recorded_scores: Annotated[
        bool, typer.Option("--recorded-scores", help="Use the recorded scores; weights and images are not needed.")
    ] = False,
    runs: RunsFolder = RUNS,
    quiet: Quiet = False,
    json_lines: JsonLines = False,
) -> None:
    """Repeat a finished search without calling its models.

    The models' answers come from the record; scores are measured again and must agree.
    """
    from cli.terminal.console import open_console
    from graph.replay.replay import replay as repeat
    from graph.run_folder import RunFolder
    from graph.search import RunNotes

    recorded = RunFolder.find(runs, run)
    config = recorded.config()
    space, evaluator = open_space(config), None
    if not recorded_scores:
        with decoding_progress(json_lines or quiet) as progress:
            name = recorded_images_name(recorded, space)
            evaluator = open_evaluator(config, progress, images_name=name).evaluator
    console = open_console()
    folder = RunFolder.make(runs, f"{recorded.id}-replay")
    scores = "from the record" if recorded_scores else "measured again"
    notes = RunNotes(
        settings_shown=(
            ("replay of", str(recorded.path), "answers of models come from its record"),
            ("scores", scores, ""),
            ("run folder", str(folder.path), "everything is recorded there"),
        ),
        draw=diagram(space, min(console.width, 100) - 2, console.options.ascii_only),
    )
    with open_sink(folder, quiet, json_lines) as sink:
        repeat(recorded, folder, space, evaluator, sink, notes)
    if not json_lines:
        print(f"the replay equals its run: {folder.path}")
