"""Every call of a language model in the archive: request and reply.

Notable: a conversation grows by two messages per round and would be stored again with every call, so each message and
each schema is stored once, and a call lists their numbers. The most that an attempt can cost is reserved before it is
sent and released when it ends; a reservation that remains belongs to an attempt that was killed or never answered, and
may still be billed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from agents.calls.transcript import Call, Message, Reply, Request
from common.errors import UserError

TABLES = """
CREATE TABLE messages (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE schemas (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE calls (
    key TEXT PRIMARY KEY, role TEXT NOT NULL, round INTEGER NOT NULL, attempt INTEGER NOT NULL, model TEXT NOT NULL,
    messages TEXT NOT NULL, schema INTEGER, settings TEXT NOT NULL DEFAULT '{}',
    text TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL,
    seconds REAL NOT NULL, estimated INTEGER NOT NULL DEFAULT 0, cached INTEGER NOT NULL DEFAULT 0,
    form TEXT NOT NULL DEFAULT '', fits INTEGER
);
CREATE INDEX calls_round ON calls (round);
CREATE TABLE reserved (id INTEGER PRIMARY KEY, key TEXT NOT NULL, tokens INTEGER NOT NULL, cost_usd REAL NOT NULL);
"""

_REPLY = "text, prompt_tokens, completion_tokens, cost_usd, seconds, estimated, cached, form, fits"
_CALLS = f"SELECT role, round, attempt, model, messages, s.text, settings, c.{_REPLY} FROM calls c"
_CALLS += " LEFT JOIN schemas s ON s.id = c.schema"
_MESSAGES = "SELECT role, content FROM json_each(?) ids JOIN messages m ON m.id = ids.value ORDER BY ids.key"
_SPENT = "SELECT TOTAL(prompt_tokens + completion_tokens), TOTAL(cost_usd) FROM calls"


@contextmanager
def calls_in(path: Path) -> Iterator[Calls]:
    """The calls in a file that holds nothing else; it is made if it is not there.

    Raises:
        UserError: the file is not such a file.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'calls'").fetchone():
                connection.executescript(TABLES)
        except sqlite3.DatabaseError as error:
            raise UserError(f"{path}: expected recorded calls of models, found another file ({error})") from None
        yield Calls(connection)


class Calls:
    """The calls of one run; an `agents.calls.transcript.Transcript`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, *requests: Request) -> Reply | None:
        for request in requests:
            row = self._connection.execute(f"SELECT {_REPLY} FROM calls WHERE key = ?", (request.key,)).fetchone()
            if row:
                return _reply(row)
        return None

    def record(self, call: Call) -> None:
        request, reply, connection = call.request, call.reply, self._connection
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute(
                "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    request.key, request.role, request.round, request.attempt, request.model,
                    store_messages(connection, request.messages), _store_schema(connection, request.schema),
                    json.dumps(request.settings), reply.text, reply.prompt_tokens, reply.completion_tokens,
                    reply.cost_usd, reply.seconds, reply.estimated, reply.cached,
                    reply.form, reply.fits,
                ),
            )  # fmt: skip

    def get(self, key: str) -> Call | None:
        return next(self._read("WHERE key = ?", key), None)

    def at(self, round: int, role: str, attempt: int) -> Call | None:
        """The call at this place in the run; the last one, if a changed program repeated it."""
        where = "WHERE round = ? AND role = ? AND attempt = ? ORDER BY c.rowid DESC LIMIT 1"
        return next(self._read(where, round, role, attempt), None)

    def __iter__(self) -> Iterator[Call]:
        """Every call in the order of the answers."""
        return self._read("ORDER BY c.rowid")

    def _read(self, clause: str, *values: object) -> Iterator[Call]:
        for row in self._connection.execute(f"{_CALLS} {clause}", values):
            role, round, attempt, model, ids, schema, settings, *reply = row
            sent = self._connection.execute(_MESSAGES, (ids,))
            messages = tuple({"role": author, "content": content} for author, content in sent)
            decoded = json.loads(schema) if schema else None
            request = Request(
                role=role,
                round=round,
                attempt=attempt,
                model=model,
                messages=messages,
                schema=decoded,
                settings=json.loads(settings),
            )
            yield Call(request, _reply(reply))

    def answered(self) -> dict[str, dict[str, int]]:
        """By role, the number of answers of each model; with fallbacks there can be several."""
        found: dict[str, dict[str, int]] = {}
        sql = "SELECT role, model, COUNT(*) FROM calls GROUP BY role, model ORDER BY MIN(round), MIN(rowid)"
        for role, model, count in self._connection.execute(sql):
            found.setdefault(role, {})[model] = count
        return found

    # Spending

    @property
    def spent(self) -> tuple[int, float]:
        """Tokens and US dollars of all calls, and of reservations that may still be billed."""
        tokens, cost = self._connection.execute(_SPENT).fetchone()
        more, dearer = self._connection.execute("SELECT TOTAL(tokens), TOTAL(cost_usd) FROM reserved").fetchone()
        return int(tokens + more), cost + dearer

    def reserve(self, key: str, tokens: int, cost_usd: float) -> int:
        """Reserve the most that an attempt can cost; returns the number to `release`."""
        insert = "INSERT INTO reserved (key, tokens, cost_usd) VALUES (?, ?, ?)"
        return int(self._connection.execute(insert, (key, tokens, cost_usd)).lastrowid or 0)

    def release(self, reservation: int) -> None:
        self._connection.execute("DELETE FROM reserved WHERE id = ?", (reservation,))


def store_messages(connection: sqlite3.Connection, messages: Sequence[Message]) -> str:
    """The numbers of the messages, JSON; new messages are added."""
    return json.dumps([_store_message(connection, message["role"], message["content"]) for message in messages])


def _store_message(connection: sqlite3.Connection, role: str, content: str) -> int:
    digest = hashlib.sha256(f"{role}\n{content}".encode()).digest()
    found = connection.execute("SELECT id FROM messages WHERE hash = ?", (digest,)).fetchone()
    if found:
        return int(found[0])
    insert = "INSERT INTO messages (hash, role, content) VALUES (?, ?, ?)"
    return int(connection.execute(insert, (digest, role, content)).lastrowid or 0)


def _store_schema(connection: sqlite3.Connection, schema: Mapping[str, Any] | None) -> int | None:
    if schema is None:
        return None
    text = json.dumps(schema)
    connection.execute("INSERT OR IGNORE INTO schemas (text) VALUES (?)", (text,))
    return int(connection.execute("SELECT id FROM schemas WHERE text = ?", (text,)).fetchone()[0])


def _reply(row: Sequence[Any]) -> Reply:
    text, prompt_tokens, completion_tokens, cost_usd, seconds, estimated, cached, form, fits = row
    return Reply(
        text=text,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost_usd=cost_usd,
        seconds=seconds,
        estimated=bool(estimated),
        cached=bool(cached),
        form=form,
        fits=None if fits is None else bool(fits),
    )
