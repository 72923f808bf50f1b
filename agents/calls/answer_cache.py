"""Answers that are reused across runs: those of calls that would be answered alike again, and no others.

Notable: a sample that is used twice would pass for two, so what is asked at a temperature above 0 is asked anew.
Answers are known by all that was sent, the model and its settings; role and place in a run do not matter.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from agents.calls.transcript import Call, Reply, Request, Transcript
from agents.models.model_registry import is_analyst


class AnswerCache:
    """A file of answers that several runs may have open."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL)")

    def close(self) -> None:
        self._connection.close()

    def find(self, request: Request) -> str | None:
        row = self._connection.execute("SELECT text FROM answers WHERE key = ?", (_key(request),)).fetchone()
        return row and str(row[0])

    def keep(self, request: Request, text: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (_key(request), text))


class CachedTranscript:
    """A run's transcript that also looks for answers in a cache.

    `on_message` receives, once per role, the reason why the cache cannot be used for that role.
    """

    def __init__(self, transcript: Transcript, cache: AnswerCache, on_message: Callable[[str], None]) -> None:
        self._transcript = transcript
        self._cache = cache
        self._on_message = on_message
        self._told: set[str] = set()

    def find(self, *requests: Request) -> Reply | None:
        """As a transcript does; the cache is asked for the first alone, since the others speak only where it fails."""
        if known := self._transcript.find(*requests):
            return known
        request = requests[0]
        if not self._reusable(request):
            return None
        text = self._cache.find(request)
        if text is None:
            return None
        reply = Reply(text=text, prompt_tokens=0, completion_tokens=0, cost_usd=0.0, seconds=0.0, cached=True)
        self._transcript.record(Call(request, reply))
        return reply

    def record(self, call: Call) -> None:
        self._transcript.record(call)
        if self._reusable(call.request):
            self._cache.keep(call.request, call.reply.text)

    def _reusable(self, request: Request) -> bool:
        if is_analyst(request.model) or request.settings.get("temperature") == 0:
            return True
        if request.role not in self._told:
            self._told.add(request.role)
            self._on_message(
                f"The cache is not used for the {request.role}'s answers: {request.model} samples them, and one sample "
                "used twice would pass for two. At temperature 0 they are reused."
            )
        return False


def _key(request: Request) -> str:
    parts = [request.model, dict(request.settings), list(request.messages), request.schema]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
