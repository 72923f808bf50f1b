"""Compare two runs: what differs in their settings, and in what they found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import run_ids
from cli.options import JsonLines, RunsFolder
from graph.defaults import RUNS

if TYPE_CHECKING:
    from studies.run_difference import RunDifference


def diff(
    first: Annotated[str, typer.Argument(help="A run, named by its folder or its id.", autocompletion=run_ids)],
    second: Annotated[str, typer.Argument(help="The run that it is compared with.", autocompletion=run_ids)],
    runs: RunsFolder = RUNS,
    json_lines: JsonLines = False,
) -> None:
    """Show in which settings two runs differ, and how far apart what they found is.

    Example: python main.py diff RUN RUN
    """
    from studies.run import load
    from studies.run_difference import run_difference

    found = run_difference(load(first, runs), load(second, runs))
    if json_lines:
        print(json.dumps(found.to_dict()))
    else:
        _print(found)


def _print(found: RunDifference) -> None:
    from cli.terminal.console import open_console, table

    console = open_console()
    for heading, rows in (("settings that differ", found.settings), ("what was found", found.found)):
        console.print(heading, style="bold")
        if rows:
            console.print(table([(f"  {name}", f"{there}  |  {here}") for name, there, here in rows]))
        else:
            console.print("  none")
    console.print(found.note)
