"""What the commands beside the search show: a table of facts, and the bar of a training run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from graph.trace.text import words

if TYPE_CHECKING:
    from supernets.train import Progress as TrainingProgress


def table(rows: Sequence[tuple[str, str]]) -> Table:
    """Labels and values, aligned, without lines."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(words(label), words(value))
    return grid


@contextmanager
def training_bar(console: Console) -> Iterator[Callable[[TrainingProgress], None]]:
    """A progress bar over the steps of a training run, with the loss of each sub-network of a step."""
    columns = (
        BarColumn(None),
        TextColumn("{task.completed}/{task.total}  epoch {task.fields[epoch]}  loss {task.fields[losses]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, epoch=1, losses="")

        def show(state: TrainingProgress) -> None:
            losses = " / ".join(f"{loss:.2f}" for loss in state.losses)
            bar.update(task, completed=state.step, total=state.steps, epoch=state.epoch + 1, losses=losses)

        yield show
