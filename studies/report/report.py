"""Reports of runs: written to a file, or served while a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from common.errors import UserError
from common.files import write_text
from studies.report.page import render
from studies.report.report_data import report_data
from studies.run import Run, comparable, load

REFRESH = 5
"""Seconds between two looks of a browser at a run that goes on."""


def report(runs: Sequence[Run], refresh: int | None = None) -> str:
    """The report of one or more runs, as one page that needs nothing else.

    Raises:
        ProtocolMismatch: the scores of the runs were taken differently.
    """
    comparable(runs)
    title = runs[0].id if len(runs) == 1 else f"{runs[0].config.label}: {len(runs)} runs"
    return render(title, [report_data(run) for run in runs], refresh)


def write_report(runs: Sequence[Run], out: Path) -> Path:
    """Write the report to a file.

    Raises:
        UserError: the file cannot be written.
        ProtocolMismatch: the scores of the runs were taken differently.
    """
    text = report(runs)
    try:
        write_text(out, text)
    except OSError as error:
        raise UserError(f"cannot write {out} ({error.strerror or error}): name another file with --out FILE") from None
    return out


class WatchServer(ThreadingHTTPServer):
    """Serves the report of runs as they are now, on this machine alone."""

    daemon_threads = True

    def __init__(self, runs: Sequence[str], port: int = 0) -> None:
        """
        Args:
            port: 0 for any that is free.
        """
        self.runs = runs
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: WatchServer

    def do_GET(self) -> None:
        host = self.headers.get("host", "").partition(":")[0]
        if self.path != "/" or host not in ("127.0.0.1", "localhost"):  # another site's name may point here
            self.send_error(404)
            return
        try:
            runs = [load(run) for run in self.server.runs]
            text = report(runs, None if all(run.stopped_because for run in runs) else REFRESH)
        except UserError as error:
            self.send_error(503, explain=str(error))
            return
        content = text.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("cache-control", "no-store")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""
