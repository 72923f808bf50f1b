"""Errors of fetching a released file into the weights folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from common.errors import UserError


class FetchError(UserError):
    """Released weights cannot be fetched; the message says why, and names other ways."""


class Unreachable(FetchError):
    """The server does not send the file: missing, refused, interrupted or timed out."""


class WrongFile(FetchError):
    """The file was received, but it is not the expected one."""


def cannot_write(path: Path, error: Exception) -> FetchError:
    """The error for a file of the weights folder that cannot be written; no file with a final name was changed."""
    reason = getattr(error, "strerror", None) or str(error)
    return FetchError(
        f"cannot write {path}: {reason} ({_free(path.parent)} free there); free some space, or choose another "
        "folder with XDG_CACHE_HOME, and run the same command to continue"
    )


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.0f} MB"
    except OSError:
        return "unknown space"
