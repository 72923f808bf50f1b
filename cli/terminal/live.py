"""The live footer of the trace on a terminal: rows that wait for their scores, and the progress bar.

Notable: one lock separates redraws by the clock from lines that events print; rich's own refresh thread would draw
between the parts of one write.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, RLock, Thread

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cli.terminal.console import clean_text, clock_text, fit
from cli.terminal.proposal_table import CandidateEvent, CandidateRow, Columns

PHASE = 17
EDGE = 2
"""Empty columns at the left of a model's text."""


@dataclass(frozen=True, kw_only=True)
class LiveFooter:
    """What the footer shows: the progress of the run."""

    clock: Callable[[], float]
    seen: float
    """Reading of `clock` when `elapsed` was exact."""
    budget: int
    evaluations: int
    phase: str = "starting"
    elapsed: float = 0.0
    remaining: float | None = None
    images: tuple[int, int] | None = None
    """Images that the candidates being scored have seen, and all; None between scores."""
    best_top1: float | None = None
    columns: Columns | None = None
    rows: tuple[CandidateEvent, ...] = ()
    writing: str = ""
    """End of the answer that a model is writing now."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._waiting(console, options)
        yield from self._live_text(console, options)
        yield self._bar(options)

    def _live_text(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The last lines of the answer so far, behind a bar like the finished text."""
        if not self.writing:
            return
        text = clean_text(self.writing, "dim").wrap(console, max(20, options.max_width - EDGE - 4))
        for line in text[-max(1, console.height // 3) :]:
            line.rstrip()
            yield Text(" " * EDGE).append("| " if options.ascii_only else "│ ", "dim").append_text(line)

    def _waiting(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Waiting rows in at most half of the terminal."""
        if not self.columns or not self.rows:
            return
        rows = Group(*(CandidateRow(self.columns, row) for row in self.rows))
        lines = console.render_lines(rows, options, pad=False)
        room = max(1, console.height // 2)
        for line in lines[:room]:
            yield from line
            yield Segment.line()
        if len(lines) > room:
            yield Text(f"     {len(lines) - room} more lines to come", style="dim")

    def _bar(self, options: ConsoleOptions) -> Table:
        elapsed = self.elapsed + self.clock() - self.seen
        cells = [Text(f"{self.evaluations}/{self.budget}")]
        if self.images is not None and self.remaining is None:
            # Until the first scores come, nothing else moves.
            cells.append(Text("{:,} of {:,} images".format(*self.images), style="dim"))
        if self.best_top1 is not None:
            cells.append(Text(f"best {self.best_top1:.2f} %", style="green"))
        cells.append(Text(clock_text(elapsed)))
        if self.remaining is not None:
            cells.append(Text(f"about {clock_text(self.remaining)} left", style="dim"))
        bar = ProgressBar(
            total=max(1, self.budget), completed=self.evaluations, style="bright_black", complete_style="cyan",
            finished_style="cyan",
        )  # fmt: skip
        # The last columns stay empty: a terminal echoes ^C there, and on a full line that would scroll the footer.
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.width = options.max_width - 3
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        for _ in cells:
            grid.add_column(no_wrap=True, justify="right")
        grid.add_row(Text(fit(self.phase, PHASE), style="dim"), bar, *cells)
        return grid


class FooterDisplay:
    """Shows a footer at the bottom of a terminal until it is stopped.

    Args:
        footer: returns what to draw.
        refresh: redraws per second besides calls of `redraw`; 0 for none.
    """

    def __init__(self, console: Console, footer: Callable[[], LiveFooter], refresh: float) -> None:
        self.lock = RLock()
        self._done = Event()
        self._live = Live(
            get_renderable=footer,
            console=console,
            auto_refresh=False,
            transient=True,
            # Output of other code to the same terminal goes above the footer; output to a file is left alone.
            redirect_stdout=False,
            redirect_stderr=sys.stderr.isatty(),
            vertical_overflow="crop",
        )
        self._live.start(refresh=True)
        if refresh:
            Thread(target=self._tick, args=(1 / refresh,), name="trace", daemon=True).start()

    def redraw(self) -> None:
        self._live.refresh()

    def stop(self) -> None:
        """Erase the footer and restore the cursor."""
        self._done.set()
        with self.lock:
            self._live.stop()

    def _tick(self, seconds: float) -> None:
        while not self._done.wait(seconds):
            with self.lock:
                if not self._done.is_set():
                    self._live.refresh()
