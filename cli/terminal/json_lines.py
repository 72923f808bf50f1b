"""Events for programs: one JSON object per line, and nothing else on the stream.

Notable: `event` is the class in lower case (`run_started`, `evaluated`, ...), the other fields are the class's own; a
candidate is written as fields of its event. Programs read these names, so a renamed field keeps its old one here.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, fields
from typing import IO, Any

from graph.candidate import Candidate
from graph.events import Evaluated, Event, Scoring, Verdict, Writing
from supernets.space.cost import COST_KINDS

_NAMES = {"model_name": "speaker", "settings_shown": "facts"}
"""Field of an event to its name in JSON, where they differ."""
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class JsonLines:
    """Writes each event to `stream` and flushes it.

    Raises (on a call):
        SystemExit: code 1, when the reader has closed the pipe, as rich does for the trace.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        if isinstance(event, Writing | Scoring):
            return  # the whole text, the score follows
        name = _INNER_CAPITAL.sub("_", type(event).__name__).lower()
        # Non-ASCII letters are escaped, so that the encoding of the stream does not matter.
        line = json.dumps({"event": name, **rounded(_fields(event))}, separators=(",", ":"))
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._discard()
            raise SystemExit(1) from None

    def _discard(self) -> None:
        """Discard what is still buffered, so that the interpreter can close the stream without an error."""
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self._stream.fileno())
        os.close(devnull)


def rounded(value: Any) -> Any:
    """`value` with numbers of at most six decimals, also within: 87.3213 and not 87.32130000000001."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


def _fields(event: Event) -> dict[str, Any]:
    if isinstance(event, Verdict):
        return {**_candidate(event.candidate), "verdict": event.candidate.verdict, "reason": event.candidate.reason}
    if isinstance(event, Evaluated):
        score = {name: getattr(event.evaluation, name) for name in ("top1", "stderr", "images", "seconds")}
        carried = ("candidate", "evaluation")
        rest = {each.name: getattr(event, each.name) for each in fields(event) if each.name not in carried}
        return {**_candidate(event.candidate), **score, **rest}
    return {_NAMES.get(name, name): value for name, value in asdict(event).items()}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    a, cost = candidate.architecture, candidate.cost
    return {
        "round": candidate.round,
        "index": candidate.index,
        "genotype": candidate.genotype,
        "id": a and a.id,
        **(cost.figures() if cost else dict.fromkeys(COST_KINDS)),
    }
