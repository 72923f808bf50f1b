"""Archives of earlier schemas are read, and those of newer ones refused."""

from __future__ import annotations

import json
import lzma
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import UserError
from graph.archive.archive import Archive
from graph.archive.schema import SCHEMA
from tests.graph.archive.test_archive import call, judged, scored
from tests.graph.fakes import FIRST_SCHEMA, SPACE


def test_an_archive_of_the_first_schema_is_carried_over_whole(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(lzma.decompress(FIRST_SCHEMA.read_bytes()))
    connection = sqlite3.connect(path)
    columns = "key, role, round, attempt, model, messages, text, seconds"
    before = connection.execute(f"SELECT {columns} FROM calls ORDER BY rowid").fetchall()
    proposals = connection.execute("SELECT * FROM proposals").fetchall()
    connection.close()
    for _ in range(2):  # the second time it is of this schema
        archive = Archive(path, SPACE)
        after = [
            (row[0], c.request.role, c.request.round, c.request.attempt, c.request.model,
             json.dumps(c.request.messages), c.reply.text, c.reply.seconds)
            for row, c in zip(before, archive.calls, strict=True)
        ]  # fmt: skip
        assert after == before
        kept = archive.connection.execute("SELECT * FROM proposals").fetchall()
        assert [row[: len(proposals[0])] for row in kept] == proposals
        assert {row[len(proposals[0]) :] for row in kept} == {(None, None)}, "latency and memory are not known"
        assert archive.connection.execute("SELECT COUNT(*) FROM calls WHERE key IS NULL").fetchone() == (0,)
        archive.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    Archive(path, SPACE).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(UserError, match=f"has schema {SCHEMA + 1}, this program knows up to {SCHEMA}"):
        Archive(path, SPACE)


def test_an_archive_from_before_latencies_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    archive = Archive(path, SPACE)
    candidates = judged(archive, 1)
    archive.close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "ALTER TABLE proposals DROP COLUMN latency_ms; ALTER TABLE evaluations DROP COLUMN hits; "
        "ALTER TABLE calls DROP COLUMN form; ALTER TABLE calls DROP COLUMN fits; "
        "PRAGMA user_version = 2;"
    )
    connection.close()
    archive = Archive(path, SPACE)
    assert archive.candidates(1, 1) == candidates
    archive.score(candidates[0], replace(scored(candidates[0]), hits=b"bits"), "search", 0.0)
    assert archive.hits(before=candidates[1]) == [b"bits"]
    timed = [replace(c, cost=c.cost and replace(c.cost, latency_ms=23.5)) for c in candidates]
    archive.judge(1, timed)
    assert archive.candidates(1, 1) == timed
    archive.close()


def test_a_kind_of_cost_that_an_archive_lacks_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    archive = Archive(path, SPACE)
    candidates = judged(archive, 1)
    archive.close()
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE proposals DROP COLUMN paper_macs_m")
    connection.close()
    archive = Archive(path, SPACE)
    assert archive.candidates(1, 1) == [
        replace(c, cost=c.cost and replace(c.cost, paper_macs_m=None)) for c in candidates
    ]
    archive.close()


def test_calls_of_the_fourth_schema_have_no_known_form(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    archive = Archive(path, SPACE)
    archive.calls.record(call())
    archive.close()
    connection = sqlite3.connect(path)
    for column in ("form", "fits"):
        connection.execute(f"ALTER TABLE calls DROP COLUMN {column}")
    connection.execute("PRAGMA user_version = 4")
    connection.close()
    archive = Archive(path, SPACE)
    assert list(archive.calls) == [call()]
    archive.calls.record(call("another"))
    archive.close()
