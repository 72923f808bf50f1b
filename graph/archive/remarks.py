"""A reviewer's remarks on strategies, in the run's archive.

Notable: a remark has a number within its round, and adding it again changes nothing, because LangGraph may run a
finished node again after a kill.
"""

from __future__ import annotations

import sqlite3

TABLE = """
CREATE TABLE remarks (
    round INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (round, number)
) WITHOUT ROWID;
"""


class Remarks:
    """Remarks of one run, by round; a remark is on disk before `add` returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, round: int) -> tuple[str, ...]:
        """Remarks on a round's drafts in order, each on the draft that followed the remark before."""
        rows = self._connection.execute("SELECT text FROM remarks WHERE round = ? ORDER BY number", (round,))
        return tuple(text for (text,) in rows)

    def add(self, round: int, number: int, text: str) -> None:
        """`number`: counted from 1."""
        self._connection.execute("INSERT OR IGNORE INTO remarks VALUES (?, ?, ?)", (round, number, text))
