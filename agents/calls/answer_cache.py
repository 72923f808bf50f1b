"""A cache of model answers shared by several runs, for deterministic calls only.

At a temperature above 0 an answer is a sample, and one sample used twice would count as two, so such calls are always
sent. The cache key is the messages, the schema, the model and its settings; the role and the round are not part of it.
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
    """An SQLite file of answers; several runs may use it at the same time."""

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
        self._explained: set[str] = set()

    def find(self, *requests: Request) -> Reply | None:
        """As `Transcript.find`; the cache is searched for the first request only, as the others are for fallbacks."""
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
        if request.role not in self._explained:
            self._explained.add(request.role)
            self._on_message(
                f"The cache is not used for the {request.role}'s answers: {request.model} may answer "
                "differently each time. At temperature 0 answers are reused."
            )
        return False


def _key(request: Request) -> str:
    parts = [request.model, dict(request.settings), list(request.messages), request.schema]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
