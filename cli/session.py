"""A search in front of a person or a pipe, and what commands show while they wait."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from common.files import cache_folder
from graph.defaults import RUNS

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from graph.events import Event
    from graph.run_folder import RunFolder
    from supernets.evaluate.request import Workers
    from supernets.space.space import SearchSpace


def fetch_models(models: Iterable[ModelSettings], silent: bool = False) -> None:
    """Download the embedded model (93 MB, with a progress bar) if it is one of `models` and not yet in the cache."""
    from agents.models.local.model_file import EMBEDDED, model_file
    from cli.terminal.console import open_console
    from cli.terminal.progress import download_bar

    if any(each.name == EMBEDDED for settings in models for each in settings.fallback_chain):
        with download_bar(open_console(sys.stderr), silent) as progress:
            model_file(EMBEDDED, cache_folder(), progress)


def decoding_progress(silent: bool) -> AbstractContextManager[Callable[[int, int], None]]:
    """A progress bar on standard error while images are decoded."""
    from cli.terminal.console import open_console
    from cli.terminal.progress import decoding_bar

    return decoding_bar(open_console(sys.stderr), silent)


def diagram(space: SearchSpace, width: int, ascii_only: bool) -> Callable[[Any], str]:
    """A function that draws an architecture of `space` as text."""
    from cli.terminal.architecture_diagram import draw

    return lambda a: draw(space.graph(a), width, ascii_only)


def run_search(
    config: Config,
    reasons: SettingReasons,
    *,
    folder: RunFolder | None = None,
    runs: Path = RUNS,
    name: str | None = None,
    quiet: bool = False,
    json_lines: bool = False,
    cached: bool = False,
    stream: bool = True,
    workers: Workers | None = None,
    track: Sequence[str] = (),
) -> None:
    """Search, and show it.

    Args:
        folder: the run to continue; None for a new one below `runs`, with a name if one was chosen.
        track: names of trackers that record the run.

    Raises:
        UserError: a setting that cannot be used, or scoring that cannot go on.
        SystemExit: no architecture was found.
    """
    from contextlib import closing, nullcontext
    from dataclasses import replace
    from functools import partial

    from agents.calls.answer_cache import AnswerCache
    from agents.model_errors import ModelError
    from agents.models.model_registry import local_servers, present_keys
    from cli.terminal.console import open_console
    from cli.terminal.person_prompt import TerminalReviewer
    from cli.terminal.run_header import run_notes
    from cli.terminal.trace import Trace
    from graph.opening import open_evaluator, open_models, open_space, recorded_images_name
    from graph.run_folder import RunFolder
    from graph.search import Search, check
    from studies.trackers import tracking

    space = open_space(config)
    check(config, space)
    if config.interactive:
        _require_terminal(quiet or json_lines)
    fetch_models(config.models.values(), json_lines or quiet)
    models = open_models(config, stream)
    with decoding_progress(json_lines or quiet) as progress:
        opened = open_evaluator(config, progress, workers, recorded_images_name(folder, space))
    if space.latency:
        opened = replace(opened, notes=(*opened.notes, space.latency.note))
    folder = folder or RunFolder.create(runs, config, name)
    notes = run_notes(config, reasons, opened, str(folder.path), present_keys(), local_servers())
    console = open_console()
    notes = replace(notes, draw=diagram(space, min(console.width, 100) - 2, console.options.ascii_only))
    with tracking(track, config, folder) as watch:
        try:
            answers = closing(AnswerCache(cache_folder() / "answers.sqlite")) if cached else nullcontext()
            with closing(opened.evaluator), open_sink(folder, quiet, json_lines) as sink, answers as cache:
                reviewer = TerminalReviewer(sink.suspended) if isinstance(sink, Trace) else None
                found = Search(
                    config=config, space=space, evaluator=opened.evaluator, models=models, folder=folder,
                    sink=partial(_tell, (sink, watch)), notes=notes, cache=cache, reviewer=reviewer,
                ).run()  # fmt: skip
        except ModelError as error:
            raise ModelError(f"{error} Continue: python main.py --resume {folder.path}") from None
        except KeyboardInterrupt:
            where = f"Continue: python main.py --resume {folder.path}"
            print(f"\nstopped; all scores so far are saved. {where}", file=sys.stderr)
            sys.stdout.flush()
            sys.stderr.flush()
            # The archive is closed; unloading the libraries would take seconds more.
            os._exit(130)
        _write_report(folder, json_lines)
    if found is None:
        raise SystemExit(2)


def _tell(sinks: Iterable[Callable[[Event], None]], event: Event) -> None:
    for sink in sinks:
        sink(event)


def _write_report(folder: RunFolder, silent: bool) -> None:
    """Write the report of a run that has ended; a problem is said, and costs nothing but the report."""
    from cli.terminal.console import open_console
    from studies.report.report import write_report
    from studies.run import load

    try:
        written = write_report([load(folder.path)], folder.report)
    except UserError as error:
        print(f"no report was written: {error}", file=sys.stderr)
        return
    if not silent:
        open_console().print(f"  report      {written}", markup=False, highlight=False, soft_wrap=True)


def _require_terminal(silent: bool) -> None:
    if silent:
        raise UserError("--interactive shows each strategy, --quiet and --json do not: leave out one of them")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("--interactive asks a person about each strategy: expected a terminal, got a pipe or a file")


@contextmanager
def open_sink(folder: RunFolder, quiet: bool, json_lines: bool) -> Iterator[Callable[[Event], None]]:
    """What shows the events of a search: JSON lines, or the trace, which is also written to the run folder."""
    from cli.terminal.console import open_console
    from cli.terminal.trace import Trace

    if json_lines:
        from cli.terminal.json_lines import JsonLines

        yield JsonLines(sys.stdout)
        return
    try:
        transcript = folder.trace.open("a", encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {folder.trace}: {error.strerror}; make the run folder writable") from None
    with transcript, Trace(open_console(), transcript, quiet=quiet) as trace:
        yield trace
