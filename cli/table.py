"""Print the candidates of a run as a table for other programs."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.completion import run_ids
from cli.options import JsonLines, RunsFolder
from common.errors import UserError
from graph.defaults import RUNS


def table(
    run: Annotated[str, typer.Argument(help="A run, named by its folder or its id.", autocompletion=run_ids)],
    parquet: Annotated[
        Path | None, typer.Option(help="Write a Parquet file instead; needs the extra 'parquet'.")
    ] = None,
    runs: RunsFolder = RUNS,
    json_lines: JsonLines = False,
) -> None:
    """Print all candidates of a run as CSV: verdicts, scores, costs, genotypes. The run may still be going on.

    Example: python main.py table RUN > candidates.csv
    """
    from cli.terminal.json_lines import rounded
    from studies.run import load

    if parquet is not None and json_lines:
        raise UserError("--parquet and --json: expected at most one of them")
    rows = [rounded(row) for row in load(run, runs).table()]
    if parquet is not None:
        _write_parquet(rows, parquet)
        print(f"wrote {parquet}")
    elif json_lines:
        for row in rows:
            print(json.dumps(row))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    try:
        from pyarrow import Table, parquet
    except ImportError:
        raise UserError("--parquet needs an optional package: pip install 'collm-nas[parquet]'") from None
    try:
        parquet.write_table(Table.from_pylist(rows), path)
    except OSError as error:
        raise UserError(f"--parquet {path}: cannot be written ({error}); name another file") from None
