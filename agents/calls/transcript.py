"""Requests to models with their replies, and the interface of the transcript that keeps them.

A transcript makes a search repeatable: a request that it holds is never sent again. This module does not know how a
run stores its calls.
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
    """One request to a model, and its position in the run."""

    role: str
    round: int
    attempt: int
    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    """JSON schema of the answer, for models that support one."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Seed, temperature and other parameters of the call."""

    @cached_property
    def key(self) -> str:
        """Hash that identifies the request within a run; the settings are not part of it."""
        parts = [self.role, self.round, self.attempt, self.model, list(self.messages), self.schema]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A model's answer: its cleaned text, and its cost in tokens, dollars and time."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """Cost of the call; None when no price is known, 0.0 only when the call is free."""
    seconds: float
    estimated: bool = False
    """Whether the tokens were counted by the program, because the server reported none."""
    cached: bool = False
    """Whether the answer is from an earlier run, so that it costs nothing in this one."""
    form: str = ""
    """How the answer was constrained to the schema of the request; empty without a schema, or if unknown."""
    fits: bool | None = None
    """Whether the answer fits that schema; None without a schema, or if unknown."""


@dataclass(frozen=True)
class Call:
    request: Request
    reply: Reply


class Transcript(Protocol):
    """A store of calls."""

    def find(self, *requests: Request) -> Reply | None:
        """The reply to the first recorded request of `requests`: one question as sent to each model of a role."""

    def record(self, call: Call) -> None:
        """Keep a call; of two calls with the same request the first is kept."""


@dataclass
class MemoryTranscript:
    """A transcript in memory."""

    calls: list[Call] = field(default_factory=list)

    def find(self, *requests: Request) -> Reply | None:
        replies = {call.request.key: call.reply for call in self.calls}
        return next((replies[request.key] for request in requests if request.key in replies), None)

    def record(self, call: Call) -> None:
        if self.find(call.request) is None:
            self.calls.append(call)
