"""One search from its opening lines to its result, fresh or continued: the only entry a caller needs.

Notable: the archive says how far a run has come; LangGraph's checkpoint only says which node is next, and a run whose
checkpoint is lost begins its last round again at no cost. An interrupt passes through here after everything that was
measured is on disk. Builds no network and no model: those are handed in.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.calls.answer_cache import AnswerCache, CachedTranscript
from agents.calls.transcript import Transcript
from agents.model_errors import BudgetSpent
from common.errors import UserError
from common.redaction import redact_all
from graph import defaults
from graph.archive.archive import Archive
from graph.archive.ledger import run_ledger
from graph.budget import Budget
from graph.config import Config
from graph.context import RunContext
from graph.coordinator import PATIENCE, Coordinator
from graph.diagnosis import diagnose
from graph.events import Event, Message, RunEnded, RunStarted, Sink
from graph.limits import Limits
from graph.result import report, result
from graph.role_options import differences, prompts
from graph.rounds import RoundRunner
from graph.run_folder import RunFolder
from graph.spending import PriceList, price_list, require_prices
from graph.steering import Feedback, Reviewer, ReviewRequest
from graph.strategies import get_strategy
from supernets.evaluate.evaluator import Evaluator, ScoringStopped
from supernets.space.architecture import Architecture
from supernets.space.cost import shown_kinds
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from langgraph.types import Command

    from graph.state import State

_log = logging.getLogger(__name__)
_THREAD = "search"
_WRITE_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


@dataclass(frozen=True)
class RunNotes:
    """What only the caller can tell a watcher; see `RunStarted` and `RunEnded`."""

    facts: tuple[tuple[str, str, str], ...] = ()
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    draw: Callable[[Architecture], str] = lambda a: ""


class Search:
    """A run in its folder; `models`: for each role its model and the fallbacks of that, as the configuration has them.

    Raises:
        UserError: an unknown strategy, or a limit that cannot be met or limits nothing.
    """

    def __init__(
        self,
        config: Config,
        space: SearchSpace,
        evaluator: Evaluator,
        models: Mapping[str, Sequence[BaseChatModel]],
        folder: RunFolder,
        sink: Sink,
        clock: Callable[[], float] = time.monotonic,
        words: RunNotes | None = None,
        cache: AnswerCache | None = None,
        person: Reviewer | None = None,
    ) -> None:
        check(config, space)
        self._config = config
        self._space = space
        self._evaluator = evaluator
        self._models = models
        self._folder = folder
        self._sink = sink
        self._clock = clock
        self._asked = 0.0
        self._person = person
        self._words = words or RunNotes()
        self._cache = cache
        self._sink_failed = False
        evaluator.on_message = lambda text: self._emit(Message(text, "warning"))

    def run(self) -> dict[str, Any] | None:
        """Search to the end from wherever the archive stands; what `result.json` holds, None if nothing was found.

        Raises:
            UserError: scoring cannot go on, or the folder is in use, of a newer schema, measured otherwise or not
                writable.
            ModelError: a language model failed for good; the run can be continued.
            KeyboardInterrupt: passed on once everything measured is on disk.
        """
        with _faults(self._folder), self._folder.lock(), closing(self._archive()) as archive:
            archive.require_protocol(self._evaluator.protocol)
            if self._config.models:
                archive.require_prompts(prompts(self._config).hash)
            context = self._context(archive)
            self._emit(self._opening(context))
            try:
                if not archive.stopped_because:
                    self._search(context)
                return self._end(context)
            finally:
                archive.save_seconds(context.budget.seconds)

    def _archive(self) -> Archive:
        cheap = self._evaluator.instant and not self._models
        return Archive(self._folder.archive, self._space, durable=not cheap)

    def _context(self, archive: Archive) -> RunContext:
        return RunContext(
            self._config, self._space, self._evaluator.protocol, Limits(self._config.limits), self._budget(archive),
            archive, self._transcript(archive), self._prices(archive), self._emit, self._time,
        )  # fmt: skip

    def _budget(self, archive: Archive) -> Budget:
        config = self._config
        return Budget(
            config.evaluations, config.minutes, self._time, archive.evaluation_count, archive.seconds,
            tokens=config.tokens, usd=config.usd, paid=lambda: archive.calls.spent,
        )  # fmt: skip

    def _prices(self, archive: Archive) -> PriceList:
        """Fixed when the run began."""
        if not archive.prices:
            archive.save_prices(price_list(self._config.models.values()))
        return archive.prices

    def _transcript(self, archive: Archive) -> Transcript:
        if self._cache is None:
            return archive.calls
        return CachedTranscript(archive.calls, self._cache, lambda text: self._emit(Message(text)))

    def _opening(self, context: RunContext) -> RunStarted:
        config, words = self._config, self._words
        costs = shown_kinds([*config.limits, *(["latency_ms"] if self._space.latency else [])])
        return RunStarted(
            self._folder.id, config.supernet, config.strategy, config.evaluations, context.budget.spent,
            words.facts, words.opening, context.protocol.predicted,
            tuple(kind.name for kind in costs),
        )  # fmt: skip

    def _search(self, context: RunContext) -> None:
        from langgraph.checkpoint.sqlite import SqliteSaver
        from langgraph.types import Command

        from graph.build import build

        strategy = get_strategy(self._config.strategy)
        runner = RoundRunner(context, strategy(context, self._models), Coordinator(context, self._evaluator))
        # Each round costs an evaluation or one of PATIENCE fruitless rounds; each takes three steps at most.
        steps = 3 * PATIENCE * (self._config.evaluations + 1)
        with closing(sqlite3.connect(self._folder.checkpoints, check_same_thread=False)) as connection:
            # A bookmark need not reach the disk before the search goes on: what a crash of the machine takes of it
            # costs nothing.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            graph = build(strategy, self._config.interactive).compile(checkpointer=SqliteSaver(connection))
            settings: RunnableConfig = {"configurable": {"thread_id": _THREAD}, "recursion_limit": steps}
            before = graph.get_state(settings)
            for asked in before.interrupts:
                self._emit(runner.written(asked.value["round"], asked.value["strategy"]))
            start: State | Command[Any] | None = None if before.next else {"round": max(1, context.archive.last_round)}
            try:
                while questions := graph.invoke(start, settings, context=runner, durability="sync").get(
                    "__interrupt__"
                ):
                    start = Command(resume=self._ask(questions[0].value))
            except BudgetSpent as spent:
                context.archive.stop(str(spent))

    def _ask(self, question: ReviewRequest) -> Feedback:
        """The person's word; the time it takes is none of the run's."""
        if self._person is None:
            raise UserError("a strategy waits for a person's word, and there is nobody to ask; resume at a terminal")
        started = self._clock()
        try:
            return self._person(question)
        finally:
            self._asked += self._clock() - started

    def _time(self) -> float:
        return self._clock() - self._asked

    def _end(self, context: RunContext) -> dict[str, Any] | None:
        best = context.archive.best()
        found, drawing = None, ""
        if best:
            candidate, score = best
            reported = report(context, self._evaluator, candidate, score.architecture)
            found = result(context, candidate, score, reported)
            self._folder.write_result(found)
            drawing = self._words.draw(score.architecture)
        diagnosis = diagnose(context.archive, context.limits)
        because = context.archive.stopped_because
        spent = run_ledger(context.archive)
        self._emit(RunEnded(found, because, diagnosis, self._folder.id, drawing, self._words.closing, spent))
        return found

    def _emit(self, event: Event) -> None:
        try:
            self._sink(redact_all(event))
        except Exception as error:  # whatever a watcher does wrong, the search goes on
            if not self._sink_failed:
                _log.warning("showing the search failed (%s: %s); the search goes on", type(error).__name__, error)
            self._sink_failed = True


def check(config: Config, space: SearchSpace) -> None:
    """What can be said against a configuration before anything is loaded or written.

    Raises:
        UserError: an unknown strategy, a limit that cannot be met or limits nothing, prompts that cannot be used, or
            dollars without prices.
    """
    strategy = get_strategy(config.strategy)
    if not strategy.roles and (asked := differences(config)):
        raise UserError(f"strategy {config.strategy} has no agents, so it cannot have {' and '.join(asked)}")
    if strategy.batch and config.per_round != defaults.PER_ROUND:
        raise UserError(f"--per-round: {config.strategy} looks at the scores after each {strategy.batch}; leave it out")
    Limits(config.limits).check(space)
    prompts(config)
    if config.usd is not None:
        require_prices(config.usd, price_list(config.models.values()))


@contextmanager
def _faults(folder: RunFolder) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        # Other errors of these families, a misuse of SQLite for one, are faults of the program.
        storage = isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
        if not storage and not (isinstance(error, OSError) and error.errno in _WRITE_FAULTS):
            raise
        raise UserError(
            f"cannot write the record of the run in {folder.path}: {error}; what was recorded before is safe; "
            f"make room or put right the cause, then continue with --resume {folder.path}"
        ) from error
    except ScoringStopped as error:
        raise UserError(
            f"{error}; the scores before this are recorded, continue with --resume {folder.path}"
        ) from error
