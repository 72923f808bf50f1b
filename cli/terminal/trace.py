"""The sink that shows a run to people: lines that are printed once, and a live footer on a terminal.

Notable: a terminal, a pipe and the transcript get the same text, laid out for the width of each; only a terminal has
the live footer. Knows events, and neither archive nor supernet.
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

from cli.terminal import panels
from cli.terminal.console import TrimmedLines, count, plain_console
from cli.terminal.live import FooterDisplay, LiveFooter
from cli.terminal.markdown import Prose
from cli.terminal.proposal_table import CandidateEvent, CandidateRow, Columns, Header, RoundTable
from graph import events
from graph.candidate import Candidate
from supernets.space.cost import COST_KINDS, shown_kinds

MOST_LIVE_TEXT = 4000
"""Characters kept of an answer while it is written: more than a terminal shows."""


class Trace:
    """Shows events as they arrive; a context manager, so that an interrupted run restores the terminal.

    Args:
        console: the console for people; `open_console()` makes one for standard output.
        transcript: a text stream that also gets all lines, as plain text, `TRANSCRIPT_WIDTH` columns wide.
        quiet: print only the first line, each new best, warnings and the result; the transcript stays complete.
        clock: seconds from any origin.
        refresh: redraws of the live footer per second, besides those that events cause; 0 for none.
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
        self._display: FooterDisplay | None = None
        self._footer = LiveFooter(clock=clock, seen=clock(), budget=0, evaluations=0)
        self._round: RoundTable | None = None
        self._costs = shown_kinds(())
        self._announced = 0
        self._predicted = False
        self._has_guidance = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            with self._display.lock if self._display else nullcontext():
                self._close_round()
        finally:
            self._stop()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Leave the terminal to someone else: there is no footer until the end of the context."""
        moving = self._display is not None
        self._stop()
        try:
            yield
        finally:
            if moving:
                self._footer = replace(self._footer, seen=self._clock())
                self._start()

    def __call__(self, event: events.Event) -> None:
        with self._display.lock if self._display else nullcontext():
            self._show(event)

    def _show(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self._run_started(event)
            case events.StrategyWritten():
                self._strategy_written(event)
            case events.Writing():
                # The clock redraws: a piece is a few letters, and there may be a hundred per second.
                self._footer = replace(self._footer, writing=(self._footer.writing + event.text)[-MOST_LIVE_TEXT:])
            case events.Scoring():
                self._update(images=(event.images, event.total))
            case events.Steered():
                self._print(panels.steered_line(event), Prose(event.text), Text())
            case events.ProposalsMade():
                self._proposals_made(event)
            case events.Verdict():
                self._table(event.candidate).add(event)
                self._settle()
            case events.Evaluated():
                self._evaluated(event)
            case events.RoundEnded():
                self._close_round()
                self._print(panels.LedgerLine(event))
                self._update(phase="planning")
            case events.RunEnded():
                self._close_round()
                self._stop()
                self._everywhere(panels.Closing(event, self._costs))
            case events.Message():
                line = panels.message(event.text, event.level)
                (self._everywhere if event.level == "warning" else self._print)(line)

    def _run_started(self, event: events.RunStarted) -> None:
        self._predicted = event.predicted
        self._costs = tuple(COST_KINDS[name] for name in event.costs)
        self._print(panels.opening(event))
        self._brief(panels.opening_line(event))
        self._footer = LiveFooter(
            clock=self._clock, seen=self._clock(), budget=event.evaluations, evaluations=event.done
        )
        if self._console.is_interactive and not self._quiet and self._display is None:
            self._start()

    def _strategy_written(self, event: events.StrategyWritten) -> None:
        self._announce(event.round, event.limits)
        self._has_guidance = True
        with self._console:
            self._update(phase="proposing", writing="")
            # A strategy without a Navigator plans its rounds itself, without a model.
            by_model = event.guide == events.NAVIGATOR
            actor = f"{event.guide} ({event.model_name})" if by_model else event.guide
            action = "writes the strategy" if by_model else "plans the round"
            self._print(panels.action_line(actor, action, event.seconds))
            self._print(Prose(event.text), Text())

    def _proposals_made(self, event: events.ProposalsMade) -> None:
        self._announce(event.round, event.limits)
        # Only after a Navigator's guidance is it the Generator that proposes; else it is the strategy itself.
        actor = f"Generator ({event.model_name})" if self._has_guidance else event.model_name
        action = f"proposes {count(len(event.genotypes), 'architecture')}"
        if event.unreadable:
            action += f" and {event.unreadable} that cannot be read"
        with self._console:
            self._update(phase="checking", writing="")
            self._print(panels.action_line(actor, action, event.seconds))
            self._open_table(event.genotypes)

    def _evaluated(self, event: events.Evaluated) -> None:
        self._table(event.candidate).add(event)
        if event.is_best:
            self._brief(panels.improvement(event, self._costs, self._console.options.ascii_only))
        self._footer = replace(
            self._footer, seen=self._clock(), budget=event.budget, evaluations=event.evaluations, elapsed=event.elapsed,
            remaining=event.remaining, best_top1=event.best_top1, images=None,
        )  # fmt: skip
        self._settle()

    def _announce(self, number: int, limits: str = "") -> None:
        """Print the rule above a round, once, with the limits that it has of its own."""
        if number != self._announced:
            self._close_round()
            self._announced = number
            self._print(Text(), panels.title(f"round {number}: {limits}" if limits else f"round {number}"))

    def _table(self, candidate: Candidate) -> RoundTable:
        """The round's table; its columns are those of `candidate` when a run is resumed in the middle of a round."""
        self._announce(candidate.round)
        return self._round or self._open_table([candidate.genotype] if candidate.genotype else [])

    def _open_table(self, genotypes: Sequence[dict[str, Any]]) -> RoundTable:
        self._close_round()
        self._round = RoundTable(columns=Columns.of(genotypes, self._costs))
        self._print(Header(self._round.columns, self._predicted))
        return self._round

    def _settle(self) -> None:
        """Print the rows that are complete."""
        if self._round is not None:
            self._move(self._round.settled())

    def _close_round(self) -> None:
        """Print the waiting rows: an interrupted round has rows without scores."""
        if self._round is not None:
            self._move(self._round.cut())
            self._round = None

    def _move(self, rows: Sequence[CandidateEvent]) -> None:
        """Move rows from the footer to the lines above it, in one write, so that each is visible exactly once."""
        if self._round is not None:
            columns, waiting = self._round.columns, tuple(self._round.waiting)
            with self._console:
                self._update(phase=self._round.phase, columns=columns, rows=waiting)
                self._print(*(CandidateRow(columns, row) for row in rows))

    def _update(self, **changes: Any) -> None:
        self._footer = replace(self._footer, **changes)
        if self._display is not None:
            self._display.redraw()

    def _print(self, *renderables: RenderableType) -> None:
        self._write([*([] if self._quiet else [self._console]), *self._copy], renderables)

    def _brief(self, *renderables: RenderableType) -> None:
        self._write([self._console] if self._quiet else [], renderables)

    def _everywhere(self, *renderables: RenderableType) -> None:
        self._write([self._console, *self._copy], renderables)

    def _write(self, consoles: Sequence[Console], renderables: Sequence[RenderableType]) -> None:
        for console in consoles:
            for renderable in renderables:
                console.print(TrimmedLines(renderable), highlight=False)

    def _start(self) -> None:
        self._display = FooterDisplay(self._console, lambda: self._footer, self._refresh)

    def _stop(self) -> None:
        if self._display is not None:
            self._display.stop()
            self._display = None
