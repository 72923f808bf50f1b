"""Faults of a run's record: what is damaged is told as damaged, and only what is safe as safe."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from common.errors import UserError
from graph.record_faults import explain_faults
from graph.run_folder import RunFolder
from tests.graph.fakes import random_config, search_in


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A finished run."""
    folder = RunFolder.create(tmp_path, random_config())
    search_in(folder, config=random_config()).run()
    return folder


def no_tables(archive: Path) -> None:
    connection = sqlite3.connect(archive)
    connection.execute("DROP TABLE proposals")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])


def scrambled(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    archive.write_bytes(content)


def text(archive: Path) -> None:
    archive.write_text("not a database" * 100)


def no_header(archive: Path) -> None:
    archive.write_bytes(b"\0" * 100 + archive.read_bytes()[100:])


def not_text(archive: Path) -> None:
    connection = sqlite3.connect(archive)
    with connection:
        connection.execute("UPDATE facts SET value = CAST(x'ff7b7d' AS TEXT) WHERE name = 'protocol'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def not_json(archive: Path) -> None:
    connection = sqlite3.connect(archive)
    with connection:
        connection.execute("UPDATE facts SET value = '{' WHERE name = 'protocol'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@pytest.mark.parametrize("harm", [no_tables, cut, scrambled, text, no_header, not_text, not_json])
def test_a_damaged_record_is_told_as_damaged(folder: RunFolder, harm: Callable[[Path], None]) -> None:
    for path in folder.path.glob("archive.sqlite-*"):
        path.unlink()
    harm(folder.archive)
    with pytest.raises(UserError, match=r"it is damaged or not whole\. Put back a copy of archive\.sqlite") as error:
        search_in(folder, config=random_config(), sink=print).run()
    assert "safe" not in str(error.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EISDIR])
def test_a_disk_that_cannot_be_written_leaves_what_was_recorded(tmp_path: Path, code: int) -> None:
    with (
        pytest.raises(UserError, match=r"what was recorded before is safe; .* --resume"),
        explain_faults(RunFolder(tmp_path)),
    ):
        raise OSError(code, "no")


def test_a_result_that_is_a_folder_is_told(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, random_config())
    folder.result.mkdir()
    with pytest.raises(UserError, match=r"Is a directory.* what was recorded before is safe"):
        search_in(folder, config=random_config(), sink=print).run()


def test_other_errors_are_bugs_and_stay_as_they_are(tmp_path: Path) -> None:
    for error in (sqlite3.ProgrammingError("misuse"), ConnectionResetError("no")):
        with pytest.raises(type(error)), explain_faults(RunFolder(tmp_path)):
            raise error


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE facts SET value = '1x' WHERE name = 'seconds'", "seconds: expected a number"),
        ("UPDATE facts SET value = '{' WHERE name = 'prices'", "prices: expected JSON"),
        ("UPDATE facts SET value = '[1' WHERE name = 'protocol'", "protocol: expected JSON"),
        ("UPDATE facts SET value = '7' WHERE name = 'settings'", "settings: expected JSON"),
        ("UPDATE proposals SET genotype = '{\"r\": 1}'", "architecture "),
        ("UPDATE proposals SET genotype = 'r'", "architecture "),
        ("UPDATE proposals SET architecture = 'x' || architecture", "its genotype is that of"),
        ("UPDATE facts SET value = CAST(X'ff' AS TEXT) WHERE name = 'protocol'", "UTF-8"),
    ],
)
def test_values_that_the_program_does_not_write_are_told_as_damage(folder: RunFolder, sql: str, what: str) -> None:
    connection = sqlite3.connect(folder.archive)
    with connection:
        connection.execute(sql)
    connection.close()
    with pytest.raises(UserError, match=f"{what}.*damaged or not whole"):
        search_in(folder, config=random_config()).run()


@pytest.mark.parametrize("name", ["lock", "lock.pid"])
@pytest.mark.parametrize("link", ["", "itself", "../nowhere/file"])
def test_a_folder_that_cannot_be_locked_is_told(folder: RunFolder, name: str, link: str) -> None:
    place = folder.path / name
    place.unlink(missing_ok=True)
    if link:
        place.symlink_to(link.replace("itself", name))
    else:
        place.mkdir()
    with pytest.raises(UserError, match=r"cannot lock the run folder .* remove what is in the place"):
        search_in(folder, config=random_config()).run()
