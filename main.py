"""The command line: `python main.py --supernet ofa` searches; other commands look and prepare. They live in `cli/`."""

from __future__ import annotations

import os
import sys

import typer

from cli.compare import compare
from cli.doctor import doctor
from cli.evaluate import evaluate
from cli.fetch import fetch
from cli.measure import measure
from cli.rank import rank
from cli.replay import replay
from cli.search import search
from cli.train import train
from common.errors import UserError
from common.redaction import install, redact

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
app.callback(invoke_without_command=True)(search)
for command in (doctor, evaluate, measure, compare, rank, train, fetch, replay):
    app.command()(command)


def run() -> None:
    """Entry point: mistakes of the user print one message and exit with code 2."""
    install()
    # Threads that wait for others by spinning starve them where other programs run, too. Read when torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        # Calling `app` itself would put typer's own printing of tracebacks in the place of ours.
        typer.main.get_command(app)()
    except UserError as error:
        print(f"error: {redact(str(error))}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    run()
