"""One search from its start to its result, new or resumed: the entry point for callers.

Notable: the archive records the progress of a run; LangGraph's checkpoint only names the next node, and a run whose
checkpoint is lost repeats its last round at no cost. An interrupt is passed on after everything measured is on disk.
Builds no network and no model: those are handed in.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.calls.answer_cache import AnswerCache, CachedTranscript
from agents.calls.transcript import Transcript
from agents.model_errors import BudgetSpent
from common.errors import UserError
from common.redaction import redact_all
from graph.archive.archive import Archive
from graph.archive.ledger import run_ledger
from graph.budget import Budget
from graph.checkpoint_age import BEHIND, closed_rounds, covers
from graph.config import Config
from graph.context import RunContext
from graph.coordinator import PATIENCE, Coordinator
from graph.diagnosis import diagnose
from graph.events import Event, Message, RunEnded, RunStarted, Scoring, Sink
from graph.labels import Labels
from graph.limits import Sweep
from graph.prescreen import Prescreen
from graph.record_faults import explain_faults
from graph.result import report, result
from graph.role_options import differences, prompts
from graph.rounds import RoundRunner
from graph.run_folder import RunFolder
from graph.spending import PriceList, price_list, require_prices
from graph.steering import Feedback, Reviewer, ReviewRequest
from graph.strategies import get_strategy
from supernets.evaluate.evaluator import Evaluator
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


@dataclass(frozen=True, kw_only=True)
class RunNotes:
    """Texts for the events `RunStarted` and `RunEnded` that only the caller knows."""

    settings_shown: tuple[tuple[str, str, str], ...] = ()
    """Label, value and reason of each setting."""
    opening: tuple[str, ...] = ()
    """Sentences at the start."""
    closing: tuple[str, ...] = ()
    """Sentences at the end."""
    draw: Callable[[Architecture], str] = lambda a: ""
    """Text diagram of an architecture."""


class Search:
    """A run in its folder.

    Args:
        models: for each role its model followed by its fallbacks, as the configuration lists them.
        cache: answers of earlier runs.
        reviewer: reviews each strategy of an interactive run.

    Raises:
        UserError: an unknown strategy, or a limit that cannot be met or limits nothing.
    """

    def __init__(
        self,
        *,
        config: Config,
        space: SearchSpace,
        evaluator: Evaluator,
        models: Mapping[str, Sequence[BaseChatModel]],
        folder: RunFolder,
        sink: Sink,
        clock: Callable[[], float] = time.monotonic,
        notes: RunNotes | None = None,
        cache: AnswerCache | None = None,
        reviewer: Reviewer | None = None,
    ) -> None:
        check(config, space)
        self._config = config
        self._space = space
        self._evaluator = evaluator
        self._models = models
        self._folder = folder
        self._sink = sink
        self._clock = clock
        self._review_seconds = 0.0
        self._reviewer = reviewer
        self._notes = notes or RunNotes()
        self._cache = cache
        self._sink_failed = False
        evaluator.on_message = lambda text: self._emit(Message(text, "warning"))
        evaluator.on_images = lambda done, total: self._emit(Scoring(done, total))

    def run(self) -> dict[str, Any] | None:
        """Search from the archive's state to the end; returns the content of `result.json`, None if nothing was found.

        Raises:
            UserError: scoring cannot continue, or the folder is in use, of a newer schema, of another evaluation
                protocol, or not writable.
            ModelError: a language model failed permanently; the run can be resumed.
            KeyboardInterrupt: passed on after everything measured is on disk.
        """
        with explain_faults(self._folder), self._folder.lock(), closing(self._archive()) as archive:
            archive.require_protocol(self._evaluator.protocol)
            self._folder.keep_places(self._config)
            self._compare_settings(archive)
            if self._config.models and not archive.stopped_because:
                archive.require_prompts(prompts(self._config).hash)
            if self._config.labels and not archive.stopped_because:
                archive.require_labels(Labels.read(Path(self._config.labels), self._space).hash)
            self._settle_twins(archive)
            context = self._context(archive)
            self._emit(self._started(context))
            try:
                if not archive.stopped_because:
                    self._search(context)
                return self._end(context)
            finally:
                archive.save_seconds(context.budget.seconds)

    def _compare_settings(self, archive: Archive) -> None:
        """Warn if `config.json` has other settings than the run began with; what it says is followed."""
        before, now = archive.settings, self._config.settings()
        if not before:
            archive.save_settings(now)
        elif changed := [name for name in {**before, **now} if before.get(name) != now.get(name)]:
            shown = ", ".join(f"{name}: {before.get(name)} then, {now.get(name)} now" for name in changed)
            self._emit(Message(f"config.json has other settings than this run began with ({shown}).", "warning"))

    def _archive(self) -> Archive:
        archive = self._folder.archive
        empty = not archive.exists() or not (
            archive.stat().st_size or archive.with_name(f"{archive.name}-wal").exists()
        )
        if empty and self._folder.checkpoints.exists():
            raise UserError(
                f"the run folder {self._folder.path}: expected the run's record, {archive.name}, found "
                f"{'an empty file' if archive.exists() else 'no such file'}; put it back from a copy, together with "
                f"{archive.name}-wal if there is one, or start a new run"
            )
        cheap = self._evaluator.instant and not self._models
        return Archive(self._folder.archive, self._space, durable=not cheap)

    def _context(self, archive: Archive) -> RunContext:
        return RunContext(
            config=self._config,
            space=self._space,
            protocol=self._evaluator.protocol,
            sweep=Sweep.of(self._config, self._space),
            budget=self._budget(archive),
            archive=archive,
            transcript=self._transcript(archive),
            prices=self._prices(archive),
            emit=self._emit,
            clock=self._time,
        )

    def _budget(self, archive: Archive) -> Budget:
        config = self._config
        return Budget(
            evaluations=config.evaluations,
            minutes=config.minutes,
            clock=self._time,
            spent=archive.evaluation_count,
            earlier=archive.seconds,
            tokens=config.tokens,
            usd=config.usd,
            paid=lambda: archive.calls.spent,
        )

    def _settle_twins(self, archive: Archive) -> None:
        """Merge twins, except in a run that began without."""
        if archive.last_round == 0:
            archive.merge_twins()

    def _prices(self, archive: Archive) -> PriceList:
        """The price list, fixed when the run began."""
        if not archive.prices:
            archive.save_prices(price_list(self._config.models.values()))
        return archive.prices

    def _transcript(self, archive: Archive) -> Transcript:
        if self._cache is None:
            return archive.calls
        return CachedTranscript(archive.calls, self._cache, lambda text: self._emit(Message(text)))

    def _started(self, context: RunContext) -> RunStarted:
        config = self._config
        costs = shown_kinds(
            [*config.limits, *filter(None, [config.objective]), *(["latency_ms"] if self._space.latency else [])]
        )
        return RunStarted(
            run=self._folder.id,
            supernet=config.label,
            strategy=config.strategy,
            evaluations=config.evaluations,
            done=context.budget.spent,
            settings_shown=self._notes.settings_shown,
            notes=self._notes.opening,
            predicted=context.protocol.predicted,
            costs=tuple(kind.name for kind in costs),
        )

    def _search(self, context: RunContext) -> None:
        from langgraph.checkpoint.sqlite import SqliteSaver
        from langgraph.types import Command

        from graph.build import build

        strategy = get_strategy(self._config.strategy)
        prescreen = Prescreen(context, self._config.prescreen) if self._config.prescreen else None
        coordinator = Coordinator(context, self._evaluator)
        runner = RoundRunner(context, strategy(context, self._models), coordinator, prescreen)
        # Each round costs an evaluation or one of PATIENCE rounds without one; each takes at most three steps.
        steps = 3 * PATIENCE * (self._config.evaluations + 1)
        self._drop_damaged_checkpoint()
        with closing(sqlite3.connect(self._folder.checkpoints, check_same_thread=False)) as connection:
            # A checkpoint need not reach the disk before the search continues: its loss in a crash costs nothing.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            checkpoints = SqliteSaver(connection)
            graph = build(strategy, self._config.interactive).compile(checkpointer=checkpoints)
            settings: RunnableConfig = {"configurable": {"thread_id": _THREAD}, "recursion_limit": steps}
            before = graph.get_state(settings)
            if not covers(context.archive, before, strategy.first):
                self._emit(Message(BEHIND.format(rounds=closed_rounds(context.archive)), "warning"))
                checkpoints.delete_thread(_THREAD)
                before = graph.get_state(settings)
            for pending in before.interrupts:
                runner.show(pending.value["round"], pending.value["strategy"])
            start: State | Command[Any] | None = None if before.next else {"round": max(1, context.archive.last_round)}
            try:
                while requests := graph.invoke(start, settings, context=runner, durability="sync").get("__interrupt__"):
                    start = Command(resume=self._review(requests[0].value))
            except BudgetSpent as spent:
                context.archive.stop(str(spent))

    def _drop_damaged_checkpoint(self) -> None:
        """Remove a checkpoint that cannot be read: the search goes on after what the archive holds."""
        from langgraph.checkpoint.sqlite import SqliteSaver

        checkpoints = self._folder.checkpoints
        try:
            with closing(sqlite3.connect(checkpoints, check_same_thread=False)) as connection:
                intact = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
                found = SqliteSaver(connection).get_tuple({"configurable": {"thread_id": _THREAD}})
                intact = intact and (found is None or isinstance(found.checkpoint["channel_values"], dict))
        except OSError:
            raise
        except Exception:
            # LangGraph's reader raises nearly any exception for a damaged file.
            intact = False
        if not intact:
            self._emit(Message(f"{checkpoints.name} is damaged; it is removed, and the last round repeated", "warning"))
            for path in checkpoints.parent.glob(f"{checkpoints.name}*"):
                path.unlink()

    def _review(self, request: ReviewRequest) -> Feedback:
        """The reviewer's feedback; its time does not count as the run's."""
        if self._reviewer is None:
            raise UserError("a strategy awaits review, but this is not an interactive terminal; resume the run in one")
        started = self._clock()
        try:
            return self._reviewer(request)
        finally:
            self._review_seconds += self._clock() - started

    def _time(self) -> float:
        return self._clock() - self._review_seconds

    def _end(self, context: RunContext) -> dict[str, Any] | None:
        found, drawing = None, ""
        if reported := report(context, self._evaluator):
            found = result(context, reported)
            self._compare_with_file(found)
            self._folder.write_result(found)
            drawing = self._notes.draw(reported[-1].search.architecture)
        self._emit(
            RunEnded(
                result=found,
                stopped_because=context.archive.stopped_because,
                diagnosis=diagnose(context.archive, context.sweep.widest),
                run=self._folder.id,
                drawing=drawing,
                notes=self._notes.closing,
                total=run_ledger(context.archive),
            )
        )
        return found

    def _compare_with_file(self, found: dict[str, Any]) -> None:
        """Warn if an earlier `result.json` says something else than the record, which a finished run never changes."""
        if not (before := self._folder.read_result()):
            return
        names = ("architecture", "search_top1", "report_top1")
        if different := [name for name in names if before.get(name) != found[name]]:
            self._emit(
                Message(
                    f"result.json of this run had another {' and another '.join(different)} than its record has now: "
                    "one of the two files was changed or damaged. What follows is from the record.",
                    "warning",
                )
            )

    def _emit(self, event: Event) -> None:
        try:
            self._sink(redact_all(event))
        except Exception as error:  # a failing sink must not stop the search
            if not self._sink_failed:
                _log.warning("showing the search failed (%s: %s); the search continues", type(error).__name__, error)
            self._sink_failed = True


def check(config: Config, space: SearchSpace) -> None:
    """Validate a configuration before anything is loaded or written.

    Raises:
        UserError: an unknown strategy, a limit that cannot be met or limits nothing, prompts that cannot be used, or
            dollars without prices.
    """
    strategy = get_strategy(config.strategy)
    if not strategy.roles and (asked := differences(config)):
        raise UserError(
            f"--strategy {config.strategy} uses no language model; leave out the options for {' and '.join(asked)}"
        )
    if strategy.first != "navigator" and (asked := differences(config.changed(prompts=None, interactive=False))):
        raise UserError(
            f"--strategy {config.strategy} has one model without memory; leave out the options for "
            f"{' and '.join(asked)}"
        )
    if config.interactive and strategy.first != "navigator":
        raise UserError(f"--interactive reviews a Navigator's strategies, {config.strategy} has none; leave it out")
    if strategy.batch and config.per_round != config.usual_per_round:
        raise UserError(
            f"--per-round: {config.strategy} always proposes {strategy.batch} candidates per round; leave it out"
        )
    if strategy.needs_turns and not config.has_turns:
        raise UserError(
            f"--strategy {config.strategy} searches a front of accuracy against cost: add --objective macs, or several "
            "limits, such as --max-macs 200,300,400"
        )
    Sweep.of(config, space).check(space)
    if config.labels:
        Labels.read(Path(config.labels), space)
    prompts(config)
    if config.usd is not None:
        require_prices(config.usd, price_list(config.models.values()))
