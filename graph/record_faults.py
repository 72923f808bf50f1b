"""Explains why the record of a run cannot be read or written, and claims nothing that a fault does not leave so."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from agents.text.sanitize import excerpt
from common.errors import UserError
from graph.archive.run_metadata import DamagedRecord
from graph.run_folder import RunFolder
from supernets.evaluate.evaluator import ScoringStopped

_WRITE_FAULTS = (
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR,
    errno.ELOOP,
    -sqlite3.SQLITE_FULL, -sqlite3.SQLITE_READONLY, -sqlite3.SQLITE_IOERR, -sqlite3.SQLITE_CANTOPEN,
    -sqlite3.SQLITE_BUSY, -sqlite3.SQLITE_LOCKED, -sqlite3.SQLITE_PERM,
)  # fmt: skip
"""Codes of errors that leave what was written before as it is; those of SQLite are negative here."""
_DAMAGE = (-sqlite3.SQLITE_CORRUPT, -sqlite3.SQLITE_NOTADB, -sqlite3.SQLITE_ERROR)
"""A missing table is SQLITE_ERROR, the code of a statement that does not fit the file."""


def _code(error: sqlite3.Error | OSError) -> int | None:
    """SQLite's primary code of an error, else that of the system."""
    if isinstance(error, OSError):
        return error.errno
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else -(code & 0xFF)


def _damaged(folder: RunFolder, error: Exception) -> str:
    return (
        f"cannot read the record of the run in {folder.path}: {excerpt(str(error))}; it is damaged or not whole. "
        f"Put back a copy of {folder.archive.name}, or start a new run"
    )


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the record's content is at fault; text that is no UTF-8 is an error of Python's, without a code."""
    code = _code(error)
    undecodable = code is None and isinstance(error, sqlite3.OperationalError)
    return isinstance(error, DamagedRecord) or undecodable or code in _DAMAGE


@contextmanager
def explain_faults(folder: RunFolder) -> Iterator[None]:
    try:
        yield
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        # What is written there as JSON is written by this program; answers of models are texts in it.
        raise UserError(_damaged(folder, error)) from error
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and _is_damage(error):
            raise UserError(_damaged(folder, error)) from error
        # Other errors of these classes, such as a misuse of SQLite, are bugs.
        if _code(error) not in _WRITE_FAULTS:
            raise
        raise UserError(
            f"cannot write the record of the run in {folder.path}: {error}; what was recorded before is safe; "
            f"free disk space or fix the cause, then continue with --resume {folder.path}"
        ) from error
    except ScoringStopped as error:
        raise UserError(f"{error}; the scores so far are recorded; continue with --resume {folder.path}") from error
