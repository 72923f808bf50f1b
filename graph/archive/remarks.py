"""What a person who watches a run remarked on strategies, in the run's archive.

Notable: a remark has a number within its round, and saying it twice changes nothing, because LangGraph may run a
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
    """Remarks of one run, by round; what is added is on disk before the call returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, round: int) -> tuple[str, ...]:
        """In the order in which they were made, each on the strategy that followed the one before."""
        rows = self._connection.execute("SELECT text FROM remarks WHERE round = ? ORDER BY number", (round,))
        return tuple(text for (text,) in rows)

    def add(self, round: int, number: int, text: str) -> None:
        """`number`: counted from 1."""
        self._connection.execute("INSERT OR IGNORE INTO remarks VALUES (?, ?, ?)", (round, number, text))
