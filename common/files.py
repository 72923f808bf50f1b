"""Files that several rooms need: the cache folder, locks between processes, and replacing a file in one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import UserError


def cache_folder() -> Path:
    """The folder of files that can be fetched or computed again.

    Raises:
        UserError: the environment names none, and the user has no home, as in some containers.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "collm-nas"
    except RuntimeError:
        raise UserError(
            "no folder for cached files: expected XDG_CACHE_HOME or HOME in the environment, because this user has no "
            "home; set XDG_CACHE_HOME to a folder that can be written"
        ) from None


@contextmanager
def lock(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file `path`; the system releases it when the process ends, however it ends.

    Args:
        on_wait: called once if another process holds the lock, before waiting for it; may raise instead of waiting.

    Raises:
        OSError: the lock file cannot be created.
    """
    from filelock import FileLock, Timeout  # brings asyncio; the command line imports this module at once

    held = FileLock(path)
    try:
        held.acquire(timeout=0)
    except Timeout:
        on_wait()
        held.acquire()
    try:
        yield
    finally:
        held.release()


def write_text(path: Path, text: str) -> None:
    """Write a small file completely or not at all."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    replace(temporary, path)


def replace(temporary: Path, path: Path) -> None:
    """Give a finished file its final name, once its content is on the disk: a rename must not survive without it."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
