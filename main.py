"""The command line: `python main.py --supernet ofa` searches. The other commands are in `cli/`, one file each."""

from __future__ import annotations

import errno
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

PACKAGES = ("agents", "cli", "collm_nas", "common", "graph", "studies", "supernets")
"""Top-level packages of the program; each names it in its docstring."""


def run() -> None:
    """Entry point: prints an error of the user as one message, without a traceback, and exits with code 2."""
    if problem := foreign_package(Path(__file__).resolve().parent):
        print(f"error: {problem}", file=sys.stderr)
        raise SystemExit(2)
    from common.errors import UserError
    from common.redaction import install, redact

    install()
    _open_closed_streams()
    # Threads that wait for others by spinning starve them where other programs run, too. Read when torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import typer.main

        # Calling the Typer object itself would replace our printing of tracebacks by its own.
        typer.main.get_command(command_line())()
    except UserError as error:
        print(f"error: {redact(str(error))}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO) or error.filename is not None:
            raise
        # A stream has no file name; what a run records is written elsewhere, with errors of its own.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # else the interpreter would fail to flush it
        print(
            f"error: the output cannot be written ({error.strerror}); free space, or write it elsewhere",
            file=sys.stderr,
        )
        raise SystemExit(1) from None


def _open_closed_streams() -> None:
    """Give the program standard streams where the caller has closed them, as `>&-` does."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115


def command_line() -> typer.Typer:
    """All commands; a search without a command's name."""
    import typer

    from cli.compare import compare
    from cli.diff import diff
    from cli.doctor import doctor
    from cli.evaluate import evaluate
    from cli.export import export
    from cli.fetch import fetch
    from cli.finetune import finetune
    from cli.front import front
    from cli.measure import measure
    from cli.predict import predict
    from cli.rank import rank
    from cli.replay import replay
    from cli.report import report
    from cli.runs import runs
    from cli.search import search
    from cli.show import show
    from cli.table import table
    from cli.train import train

    app = typer.Typer(pretty_exceptions_enable=False, no_args_is_help=True)
    app.callback(invoke_without_command=True)(search)
    scoring = (doctor, evaluate, measure, compare, rank, predict, train, fetch)
    for command in (*scoring, replay, finetune, export, runs, show, diff, report, table, front):
        app.command()(command)
    return app


def foreign_package(root: Path) -> str:
    """A message if Python would import a package of another program instead of one of ours; empty otherwise.

    Args:
        root: the folder in which our packages are installed.
    """
    for name in PACKAGES:
        found = find_spec(name)
        file = Path(found.origin).resolve() if found and found.origin else None
        expected = root / name / "__init__.py"
        if file == expected and "CoLLM-NAS" in file.read_text(encoding="utf-8"):
            continue
        return (
            f"the package {name!r} of this program is hidden: expected {expected}, but Python imports "
            f"{file or 'nothing'}, which belongs to another program. CoLLM-NAS is an application: install it in an "
            "environment of its own, with `uv tool install`, with `pipx install`, or in a fresh virtual environment"
        )
    return ""


if __name__ == "__main__":
    run()
