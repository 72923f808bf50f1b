"""What goes wrong between a released file and the weights folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from common.errors import UserError


class FetchError(UserError):
    """Released weights cannot be had; says why, and by what other way they can."""


class Unreachable(FetchError):
    """The server does not give the file: gone, refused, cut off or silent."""


class WrongFile(FetchError):
    """The file is here, and is not the one that it should be."""


def cannot_write(path: Path, error: Exception) -> FetchError:
    """For a file of the weights folder; nothing under a final name has been touched."""
    reason = getattr(error, "strerror", None) or str(error)
    return FetchError(
        f"cannot write {path}: {reason} ({_free(path.parent)} free there); make room, or choose another place with "
        "XDG_CACHE_HOME; the same command continues"
    )


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.0f} MB"
    except OSError:
        return "unknown space"
