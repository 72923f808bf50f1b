"""The tables of an archive, and the migrations from earlier schemas.

Notable: a run's folder may be years old. Its archive is migrated in one transaction when it is opened, without loss;
what an earlier schema did not record (settings of a call, form of its answer, a kind of cost) stays unknown.
The table of proposals has a column for each kind of cost; one that an archive lacks is added when it is opened.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from common.errors import UserError
from graph.archive import calls, remarks
from supernets.space.cost import COST_KINDS

SCHEMA = 5

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rounds (
    round INTEGER PRIMARY KEY, stage TEXT NOT NULL, strategy TEXT NOT NULL, requested INTEGER NOT NULL DEFAULT 0,
    answers INTEGER NOT NULL DEFAULT 0, repaired INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT ''
);
CREATE TABLE proposals (
    round INTEGER NOT NULL, idx INTEGER NOT NULL, sent TEXT NOT NULL, readable INTEGER NOT NULL,
    verdict TEXT, reason TEXT NOT NULL DEFAULT '', architecture TEXT, genotype TEXT,
    PRIMARY KEY (round, idx)
) WITHOUT ROWID;
CREATE INDEX proposals_architecture ON proposals (architecture, round);
CREATE INDEX proposals_verdict ON proposals (verdict, round);
CREATE TABLE evaluations (
    architecture TEXT NOT NULL, protocol TEXT NOT NULL, split TEXT NOT NULL,
    round INTEGER NOT NULL, idx INTEGER NOT NULL,
    top1 REAL NOT NULL, stderr REAL NOT NULL, images INTEGER NOT NULL, seconds REAL NOT NULL, hits BLOB,
    PRIMARY KEY (architecture, protocol, split)
) WITHOUT ROWID;
CREATE UNIQUE INDEX evaluations_proposal ON evaluations (split, round, idx);
"""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables of a new archive, and migrate an old one to this schema.

    Raises:
        UserError: the file was written by a newer program.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        raise UserError(
            f"{path} has schema {version}, this program knows up to {SCHEMA}; "
            "continue the run with the version of the program that made it"
        )
    if version == SCHEMA and not _missing_costs(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if version == 0:
            _execute(connection, _TABLES + calls.TABLES + remarks.TABLE)
        if version == 1:
            _upgrade_from_1(connection)
        if version in (1, 2, 3):
            connection.execute("ALTER TABLE evaluations ADD COLUMN hits BLOB")
        if version in (2, 3, 4):
            connection.execute("ALTER TABLE calls ADD COLUMN form TEXT NOT NULL DEFAULT ''")
            connection.execute("ALTER TABLE calls ADD COLUMN fits INTEGER")
        for column in _missing_costs(connection):
            connection.execute(f"ALTER TABLE proposals ADD COLUMN {column} REAL")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _missing_costs(connection: sqlite3.Connection) -> list[str]:
    columns = {row[1] for row in connection.execute("PRAGMA table_info(proposals)")}
    return [name for name in COST_KINDS if name not in columns]


def _upgrade_from_1(connection: sqlite3.Connection) -> None:
    """Schema 1 stored the whole conversation with each call, and had no remarks."""
    columns = "key, role, round, attempt, model, text, prompt_tokens, completion_tokens, cost_usd, seconds"
    connection.execute("DROP INDEX calls_round")
    connection.execute("ALTER TABLE calls RENAME TO calls_1")
    _execute(connection, calls.TABLES + remarks.TABLE)
    for key, messages in connection.execute("SELECT key, messages FROM calls_1 ORDER BY rowid").fetchall():
        ids = calls.store_messages(connection, json.loads(messages))
        insert = f"INSERT INTO calls (messages, {columns}) SELECT ?, {columns} FROM calls_1 WHERE key = ?"
        connection.execute(insert, (ids, key))
    connection.execute("DROP TABLE calls_1")


def _execute(connection: sqlite3.Connection, script: str) -> None:
    """Like `executescript`, which would commit the open transaction."""
    for statement in script.split(";"):
        connection.execute(statement)
