"""Write the report of runs for a browser."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from cli.completion import run_ids
from cli.options import RunsFolder
from common.errors import UserError
from graph.defaults import RUNS


def report(
    runs: Annotated[list[str], typer.Argument(help="Runs, named by folders or ids.", autocompletion=run_ids)],
    out: Annotated[
        Path | None, typer.Option(help="File to write; by default report.html in the run, or here for several runs.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve it on this machine instead, as the runs are when a browser asks.")
    ] = False,
    folder: RunsFolder = RUNS,
    port: Annotated[int, typer.Option(help="Port of --watch; by default any that is free.")] = 0,
) -> None:
    """Write one HTML file with all that a run did and found; several runs are drawn over each other.

    The file loads nothing from anywhere. A search writes its own when it ends.

    Example: python main.py report RUN --open
    """
    from graph.run_folder import RunFolder
    from studies.report.report import write_report
    from studies.run import load

    if watch:
        if out is not None:
            raise UserError("--watch serves the report and writes no file: leave out --out")
        _serve([str(RunFolder.find(folder, run).path) for run in runs], port, show)
        return
    loaded = [load(run, folder) for run in runs]
    written = write_report(
        loaded, out or (loaded[0].folder / "report.html" if len(loaded) == 1 else Path("report.html"))
    )
    print(f"wrote {written}")
    if show:
        webbrowser.open(written.absolute().as_uri())


def _serve(runs: list[str], port: int, show: bool) -> None:
    from studies.report.report import WatchServer

    try:
        server = WatchServer(runs, port)
    except (OSError, OverflowError) as error:
        raise UserError(f"--port {port}: cannot be used ({error}); choose another, or leave it out") from None
    with server:
        print(f"the report is at {server.url} until you press Ctrl-C", file=sys.stderr, flush=True)
        if show:
            webbrowser.open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
