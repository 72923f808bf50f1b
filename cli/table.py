"""Print the candidates of a run as a table for other programs."""

from __future__ import annotations

import csv
import json
import sys
from typing import Annotated

import typer

from cli.completion import run_ids
from cli.options import JsonLines


def table(
    run: Annotated[str, typer.Argument(help="A run, named by its folder or its id.", autocompletion=run_ids)],
    json_lines: JsonLines = False,
) -> None:
    """Print all candidates of a run as CSV: verdicts, scores, costs, genotypes. The run may still be going on.

    Example: python main.py table RUN > candidates.csv
    """
    from cli.terminal.json_lines import rounded
    from studies.run import load

    rows = [rounded(row) for row in load(run).table()]
    if json_lines:
        for row in rows:
            print(json.dumps(row))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
