"""What is shown while weights are loaded and images decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def decoding_bar(console: Console, silent: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A line that says why nothing happens yet, and a bar once images are counted; nothing but on terminals.

    What it yields takes the images that are done and all that are to be done.
    """
    columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=silent or not console.is_interactive) as bar:
        task = bar.add_task("loading weights and images", total=None)
        yield lambda done, total: bar.update(task, description="decoding images", completed=done, total=total)
