"""Every call to a model as it was sent and as it was answered, and where such calls are kept.

A transcript is what makes a search replayable: a key that is found is never asked again. This module does not know
how keys are made (`caller.py`) nor how a run stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Reply:
    """A model's answer: cleaned text, and what it took."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """None when the price is not known; 0.0 only for what costs nothing."""
    seconds: float


@dataclass(frozen=True)
class Call:
    """One answered call; `messages` as sent, each `{"role": ..., "content": ...}`."""

    key: str
    role: str
    round: int
    attempt: int
    model: str
    messages: tuple[dict[str, str], ...]
    reply: Reply


class Transcript(Protocol):
    """Where calls are kept. `record` of a key that is there already keeps the first reply."""

    def find(self, key: str) -> Reply | None: ...

    def record(self, call: Call) -> None: ...


@dataclass
class MemoryTranscript:
    """A transcript that lasts as long as the process."""

    calls: list[Call] = field(default_factory=list)

    def find(self, key: str) -> Reply | None:
        return next((call.reply for call in self.calls if call.key == key), None)

    def record(self, call: Call) -> None:
        if self.find(call.key) is None:
            self.calls.append(call)
