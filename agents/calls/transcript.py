"""Every call to a model as it was sent and as it was answered, and where such calls are kept.

A transcript is what makes a search replayable: a request that is found is never sent again. This module does not know
how a run stores its calls.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

Message = dict[str, str]
"""`{"role": "system" | "user" | "assistant", "content": ...}`."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """All that is sent of one question, and its place in the run."""

    role: str
    round: int
    attempt: int
    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    """JSON schema of the answer, for models that can be held to one."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How the model answers: seed, temperature, ...; they are the same in all of a run."""

    @cached_property
    def key(self) -> str:
        """By this a run knows a request that was answered before."""
        parts = [self.role, self.round, self.attempt, self.model, list(self.messages), self.schema]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A model's answer: cleaned text, and what it took."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """None when the price is not known; 0.0 only for what costs nothing."""
    seconds: float
    estimated: bool = False
    """The server told no tokens: they were counted here."""
    cached: bool = False
    """It was answered in an earlier run, and costs nothing in this one."""


@dataclass(frozen=True)
class Call:
    request: Request
    reply: Reply


class Transcript(Protocol):
    """Where calls are kept. `record` of a request that is there already keeps the first reply."""

    def find(self, *requests: Request) -> Reply | None:
        """The reply to the first that is there, of one question as it would be put to each speaker of a role."""

    def record(self, call: Call) -> None: ...


@dataclass
class MemoryTranscript:
    """A transcript that lasts as long as the process."""

    calls: list[Call] = field(default_factory=list)

    def find(self, *requests: Request) -> Reply | None:
        replies = {call.request.key: call.reply for call in self.calls}
        return next((replies[request.key] for request in requests if request.key in replies), None)

    def record(self, call: Call) -> None:
        if self.find(call.request) is None:
            self.calls.append(call)
