"""A child process that prints an address when it is ready and ends when its standard input is closed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from agents.text.sanitize import clean
from common.redaction import redact

_LOG_LINES, _LONGEST_LINE = 8, 200
_GRACE = 2.0
"""Seconds that the process may take to end by itself."""


class ChildProcess:
    """Starts `command`; its log is kept to explain why it ended."""

    address = ""
    """HTTP address that the process printed; empty until it is ready."""

    def __init__(self, command: Sequence[str]) -> None:
        # A file instead of a pipe, since a full pipe would block the process; closing it removes it.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        # A session of its own, so that Ctrl-C interrupts only the program.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True
        )
        self.pid = self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, timeout: float) -> bool:
        """Whether the process prints its address within `timeout` seconds."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            return False
        self.address = self._process.stdout.readline().decode().strip()
        return self.address.startswith("http://")

    def stop(self) -> None:
        """End the process if it is still running."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ending(self) -> str:
        """How the process ended and the end of its log, to append to a sentence; empty while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        code = self._process.returncode
        if code is None:
            return ""
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        memory = ", as when the system runs out of memory" if code == -signal.SIGKILL else ""
        return f": it ended with {ended}{memory}{self._log_end()}"

    def _log_end(self) -> str:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _LOG_LINES * 10 * _LONGEST_LINE))
        text = clean(redact(self._log.read().decode("utf-8", "replace")))
        lines = [line[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]
        return f"; the end of its log: {' | '.join(lines[-_LOG_LINES:]).rstrip('.')}" if lines else ""
