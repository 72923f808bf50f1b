"""The sink that shows a run to a person: lines that are printed once, and at the foot of a terminal a bar that moves.

Notable: what a terminal, a pipe and the transcript get is the same text, laid out for the width of each; only a
terminal has the moving foot besides. Knows neither archive nor supernet, only events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import TracebackType
from typing import IO, Any, Self

from rich.console import Console, RenderableType
from rich.text import Text

from cli.terminal import panels as pages
from cli.terminal.console import Tight, count, plain_console
from cli.terminal.live import Bottom, Foot
from cli.terminal.markdown import Prose
from cli.terminal.proposal_table import CandidateRow, Columns, Header, Known, RoundTable
from graph import events
from graph.candidate import Candidate
from supernets.space.cost import COST_KINDS, shown_kinds

WRITTEN = 4000
"""Letters kept of what is being written: more than a terminal shows of it."""


class Trace:
    """Shows events as they come; a context manager, so that a run that breaks off leaves the terminal as it was.

    Args:
        console: where the person looks; `open_console()` makes one for standard output.
        transcript: a text stream that gets all lines too, plain, `TRANSCRIPT_WIDTH` columns wide.
        quiet: only the first line, each new best, warnings and the result on `console`; the transcript stays whole.
        clock: seconds from any origin.
        refresh: redraws of the moving foot per second, besides those that events cause; 0 for none.
    """

    def __init__(
        self,
        console: Console,
        transcript: IO[str] | None = None,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
        refresh: float = 4.0,
    ) -> None:
        self._console = console
        self._quiet = quiet
        self._copy = [] if transcript is None else [plain_console(transcript)]
        self._clock = clock
        self._refresh = refresh
        self._bottom: Bottom | None = None
        self._foot = Foot(clock, clock(), budget=0, evaluations=0)
        self._round: RoundTable | None = None
        self._costs = shown_kinds(())
        self._announced = 0
        self._predicted = False
        self._planned = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            with self._bottom.lock if self._bottom else nullcontext():
                self._close_round()
        finally:
            self._stop()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Leaves the terminal to someone else: the foot is gone until the end of the context."""
        moving = self._bottom is not None
        self._stop()
        try:
            yield
        finally:
            if moving:
                self._foot = replace(self._foot, seen=self._clock())
                self._start()

    def __call__(self, event: events.Event) -> None:
        with self._bottom.lock if self._bottom else nullcontext():
            self._show(event)

    def _show(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self._run_started(event)
            case events.StrategyWritten():
                self._strategy_written(event)
            case events.Writing():
                # Redrawn by the clock: a piece is a few letters, and there may be a hundred a second.
                self._foot = replace(self._foot, writing=(self._foot.writing + event.text)[-WRITTEN:])
            case events.Steered():
                self._print(pages.steered_line(event), Prose(event.text), Text())
            case events.ProposalsMade():
                self._proposals_made(event)
            case events.Verdict():
                self._table(event.candidate).add(event)
                self._settle()
            case events.Evaluated():
                self._evaluated(event)
            case events.RoundEnded():
                self._close_round()
                self._print(pages.LedgerLine(event))
                self._update(phase="planning")
            case events.RunEnded():
                self._close_round()
                self._stop()
                self._everywhere(pages.Closing(event, self._costs))
            case events.Message():
                line = pages.message(event.text, event.level)
                (self._everywhere if event.level == "warning" else self._print)(line)

    def _run_started(self, event: events.RunStarted) -> None:
        self._predicted = event.predicted
        self._costs = tuple(COST_KINDS[name] for name in event.costs)
        self._print(pages.opening(event))
        self._brief(pages.opening_line(event))
        self._foot = Foot(self._clock, self._clock(), event.evaluations, event.done)
        if self._console.is_interactive and not self._quiet and self._bottom is None:
            self._start()

    def _strategy_written(self, event: events.StrategyWritten) -> None:
        self._announce(event.round)
        self._planned = True
        with self._console:
            self._update(phase="proposing", writing="")
            self._print(pages.speaker_line(f"Navigator ({event.speaker})", "writes the strategy", event.seconds))
            self._print(Prose(event.text), Text())

    def _proposals_made(self, event: events.ProposalsMade) -> None:
        self._announce(event.round)
        # Only where a Navigator plans does someone propose as the Generator; else it is the strategy itself.
        speaker = f"Generator ({event.speaker})" if self._planned else event.speaker
        does = f"proposes {count(len(event.genotypes), 'architecture')}"
        if event.unreadable:
            does += f" and {event.unreadable} that cannot be read"
        with self._console:
            self._update(phase="checking", writing="")
            self._print(pages.speaker_line(speaker, does, event.seconds))
            self._open_table(event.genotypes)

    def _evaluated(self, event: events.Evaluated) -> None:
        self._table(event.candidate).add(event)
        if event.is_best:
            self._brief(pages.improvement(event, self._costs, self._console.options.ascii_only))
        self._foot = replace(
            self._foot, seen=self._clock(), budget=event.budget, evaluations=event.evaluations, elapsed=event.elapsed,
            remaining=event.remaining, best_top1=event.best_top1,
        )  # fmt: skip
        self._settle()

    def _announce(self, number: int) -> None:
        """The rule above a round, once."""
        if number != self._announced:
            self._close_round()
            self._announced = number
            self._print(Text(), pages.title(f"round {number}"))

    def _table(self, candidate: Candidate) -> RoundTable:
        """The round's table; its columns are those of `candidate` when a run is resumed in the middle of a round."""
        self._announce(candidate.round)
        return self._round or self._open_table([candidate.genotype] if candidate.genotype else [])

    def _open_table(self, genotypes: Sequence[dict[str, Any]]) -> RoundTable:
        self._close_round()
        self._round = RoundTable(Columns.of(genotypes, self._costs))
        self._print(Header(self._round.columns, self._predicted))
        return self._round

    def _settle(self) -> None:
        """Prints the rows of which nothing is open any more."""
        if self._round is not None:
            self._move(self._round.settled())

    def _close_round(self) -> None:
        """Prints what still waits: a round that was cut short has rows without scores."""
        if self._round is not None:
            self._move(self._round.cut())
            self._round = None

    def _move(self, rows: Sequence[Known]) -> None:
        """From the foot to the lines above it, in one write, so that no row is seen twice or not at all."""
        if self._round is not None:
            columns, waiting = self._round.columns, tuple(self._round.waiting)
            with self._console:
                self._update(phase=self._round.phase, columns=columns, rows=waiting)
                self._print(*(CandidateRow(columns, row) for row in rows))

    def _update(self, **changes: Any) -> None:
        self._foot = replace(self._foot, **changes)
        if self._bottom is not None:
            self._bottom.redraw()

    def _print(self, *renderables: RenderableType) -> None:
        self._write([*([] if self._quiet else [self._console]), *self._copy], renderables)

    def _brief(self, *renderables: RenderableType) -> None:
        self._write([self._console] if self._quiet else [], renderables)

    def _everywhere(self, *renderables: RenderableType) -> None:
        self._write([self._console, *self._copy], renderables)

    def _write(self, consoles: Sequence[Console], renderables: Sequence[RenderableType]) -> None:
        for console in consoles:
            for renderable in renderables:
                console.print(Tight(renderable), highlight=False)

    def _start(self) -> None:
        self._bottom = Bottom(self._console, lambda: self._foot, self._refresh)

    def _stop(self) -> None:
        if self._bottom is not None:
            self._bottom.stop()
            self._bottom = None
