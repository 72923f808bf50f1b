"""Events for programs: one JSON object a line, and nothing else on the stream.

Notable: `event` is the class in lower case (`run_started`, `evaluated`, ...), the other fields are the class's own.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from typing import IO

from graph.events import Event, Writing

_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class JsonLines:
    """Writes each event to `stream` and flushes it.

    Raises (on a call):
        SystemExit: code 1, when the reader has closed the pipe, as rich does for the trace.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        if isinstance(event, Writing):
            return  # the whole text follows
        name = _INNER_CAPITAL.sub("_", type(event).__name__).lower()
        # Non-ASCII letters are escaped, so that the encoding of the stream does not matter.
        line = json.dumps({"event": name, **asdict(event)}, separators=(",", ":"))
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._discard()
            raise SystemExit(1) from None

    def _discard(self) -> None:
        """Sends what is still buffered nowhere; else the interpreter complains when it closes the stream."""
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self._stream.fileno())
        os.close(devnull)
