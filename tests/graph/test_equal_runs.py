"""Equal runs in unequal surroundings leave the same record: nothing of a process takes part in it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.paths import ROOT

RECORDED = (
    "SELECT key, role, round, attempt, model, text FROM calls ORDER BY rowid",
    "SELECT round, idx, sent, verdict, reason, architecture FROM proposals ORDER BY round, idx",
    "SELECT architecture, protocol, split, top1, stderr FROM evaluations ORDER BY split, round, idx",
    "SELECT name, value FROM facts WHERE name != 'seconds' ORDER BY name",
)


def record(folder: Path, **environment: str) -> list[Any]:
    """The rows of a search in a process of its own."""
    folder.mkdir()
    command = [sys.executable, str(ROOT / "main.py"), "--supernet", "nasbench201", "--evaluations", "40", "--quiet"]
    temporary = folder / "tmp"
    temporary.mkdir()
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **environment}
    subprocess.run(command, cwd=folder, env=surroundings, check=True, capture_output=True)
    (archive,) = folder.glob("runs/*/archive.sqlite")
    connection = sqlite3.connect(archive)
    try:
        return [connection.execute(sql).fetchall() for sql in RECORDED]
    finally:
        connection.close()


def test_hashes_folders_locale_and_clock_leave_no_trace(tmp_path: Path) -> None:
    one = record(tmp_path / "one", PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC", COLUMNS="200", OMP_NUM_THREADS="1")
    other = record(
        tmp_path / "another folder", PYTHONHASHSEED="2", LC_ALL="C.UTF-8", TZ="Asia/Tokyo", COLUMNS="40", NO_COLOR="1",
        HOME=str(tmp_path), USER="someone", OMP_NUM_THREADS="1",
    )  # fmt: skip
    assert len(one[0]) >= 4
    assert one == other
