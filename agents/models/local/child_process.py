"""A process that prints an address when it is ready, ends when its standard input does, and says why it ended."""

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
"""Seconds to end by itself."""


class ChildProcess:
    address = ""

    def __init__(self, command: Sequence[str]) -> None:
        # A file and not a pipe: nobody has to read along, and it is gone with the last handle on it.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        # A session of its own: Ctrl-C is for the program.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True
        )
        self.pid = self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def gets_ready(self, patience: float) -> bool:
        """Whether it prints its address within `patience` seconds."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], patience)[0]:
            return False
        self.address = self._process.stdout.readline().decode().strip()
        return self.address.startswith("http://")

    def stop(self) -> None:
        """End it, if it still runs."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ending(self) -> str:
        """How it ended and the last lines of its log, for the end of a sentence; empty while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        code = self._process.returncode
        if code is None:
            return ""
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        memory = ", as when the system runs out of memory" if code == -signal.SIGKILL else ""
        return f": it ended with {ended}{memory}{self._last_words()}"

    def _last_words(self) -> str:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _LOG_LINES * 10 * _LONGEST_LINE))
        text = clean(redact(self._log.read().decode("utf-8", "replace")))
        lines = [line[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]
        return f"; its last words: {' | '.join(lines[-_LOG_LINES:]).rstrip('.')}" if lines else ""
