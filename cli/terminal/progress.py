"""Progress bars for long operations besides a search: training, downloads, decoding. Each yields a callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from supernets.train import Progress as TrainingProgress


@contextmanager
def training_bar(console: Console) -> Iterator[Callable[[TrainingProgress], None]]:
    """A progress bar over the steps of a training run: the loss of each sub-network of a step, images per second."""
    columns = (
        BarColumn(None),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, state="reading images")

        def show(state: TrainingProgress) -> None:
            losses = " / ".join(f"{loss:.2f}" for loss in state.losses)
            text = f"{state.step}/{state.steps}  epoch {state.epoch + 1}  loss {losses}"
            text += f"  {state.images_per_second:.0f} images/s"
            bar.update(task, completed=state.step, total=state.steps, state=text)

        yield show


@contextmanager
def download_bar(console: Console, silent: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """A bar for a callback with the bytes so far and those of the whole file; shown on terminals only."""
    columns = (BarColumn(None), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=silent or not console.is_interactive) as bar:
        tasks: list[TaskID] = []

        def show(done: int, total: int | None) -> None:
            # Begun at the first call: bytes of an earlier download are no speed of this one.
            if not tasks:
                tasks.append(bar.add_task("", total=total, completed=done))
            bar.update(tasks[0], completed=done, total=total)

        yield show


@contextmanager
def decoding_bar(console: Console, silent: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A line on what is loading, and a bar once images are counted; shown on terminals only.

    The callback takes the number of images done and the total.
    """
    with work_bar(console, silent) as (decoding, _):
        yield decoding


@contextmanager
def work_bar(
    console: Console, silent: bool = False
) -> Iterator[tuple[Callable[[int, int], None], Callable[[str], None]]]:
    """As `decoding_bar`, with a second callback for what is done after the images are decoded."""
    columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=silent or not console.is_interactive) as bar:
        task = bar.add_task("loading weights and images", total=None)

        def decoding(done: int, total: int) -> None:
            bar.update(task, description="decoding images", completed=done, total=total)

        def working(what: str) -> None:
            bar.reset(task, description=what, total=None)

        yield decoding, working


@contextmanager
def counting_bar(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over `what`, a plural, for a callback with the number done and the total; shown on terminals only."""
    columns = (TextColumn(what), BarColumn(None), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_interactive) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
