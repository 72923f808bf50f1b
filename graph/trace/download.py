"""The bar of a download."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TimeRemainingColumn, TransferSpeedColumn


@contextmanager
def download_bar(console: Console) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar for calls with the bytes that are there and those of the whole file; nothing but on terminals."""
    columns = (BarColumn(None), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_interactive) as bar:
        tasks: list[TaskID] = []

        def show(done: int, total: int | None) -> None:
            # Begun at the first call: bytes of an earlier download are no speed of this one.
            if not tasks:
                tasks.append(bar.add_task("", total=total, completed=done))
            bar.update(tasks[0], completed=done, total=total)

        yield show
