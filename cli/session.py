"""Runs one search in front of a person or a pipe, fresh or continued."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.evaluators import drawer, fetch_models, loading, open_run
from cli.options import RUNS
from common.errors import UserError
from common.files import cache_folder

if TYPE_CHECKING:
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from graph.events import Event
    from graph.run_folder import RunFolder
    from supernets.evaluate.request import Workers


def run_search(
    config: Config,
    chosen: SettingReasons,
    folder: RunFolder | None,
    quiet: bool,
    json_lines: bool,
    cached: bool = False,
    workers: Workers | None = None,
) -> None:
    from contextlib import closing, nullcontext
    from dataclasses import replace

    from agents.calls.answer_cache import AnswerCache
    from agents.models.model_registry import chat_models, local_servers, present_keys
    from cli.terminal.console import open_console
    from cli.terminal.person_prompt import Terminal
    from cli.terminal.run_header import words
    from cli.terminal.trace import Trace
    from graph.run_folder import RunFolder
    from graph.search import Search, check
    from supernets.families.registry import get_space

    space = get_space(config.supernet, config.dataset, config.latency_device)
    check(config, space)
    if config.interactive:
        _require_person(quiet or json_lines)
    fetch_models(config.models.values(), json_lines or quiet)
    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    with loading(json_lines or quiet) as progress:
        opened = open_run(config, progress, workers)
    if space.latency:
        opened = replace(opened, notes=(*opened.notes, space.latency.note))
    folder = folder or RunFolder.create(RUNS, config)
    spoken = words(config, chosen, opened, str(folder.path), present_keys(), local_servers())
    console = open_console()
    spoken = replace(spoken, draw=drawer(space, min(console.width, 100) - 2, console.options.ascii_only))
    try:
        answers = closing(AnswerCache(cache_folder() / "answers.sqlite")) if cached else nullcontext()
        with closing(opened.evaluator), sink_for(folder, quiet, json_lines) as sink, answers as cache:
            person = Terminal(sink.suspended) if isinstance(sink, Trace) else None
            found = Search(
                config, space, opened.evaluator, models, folder, sink, words=spoken, cache=cache, person=person
            ).run()
    except KeyboardInterrupt:
        print(
            f"\nstopped; all that was scored is saved. Continue: python main.py --resume {folder.path}", file=sys.stderr
        )
        sys.stdout.flush()
        sys.stderr.flush()
        # The archive is closed; tearing down the libraries that are loaded would take seconds more.
        os._exit(130)
    if found is None:
        raise SystemExit(2)


def _require_person(silent: bool) -> None:
    if silent:
        raise UserError("--interactive asks about each strategy, --quiet and --json do not show it: leave out one")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("--interactive asks a person about each strategy: expected a terminal, got a pipe or a file")


@contextmanager
def sink_for(folder: RunFolder, quiet: bool, json_lines: bool) -> Iterator[Callable[[Event], None]]:
    from cli.terminal.console import open_console
    from cli.terminal.trace import Trace

    if json_lines:
        from cli.terminal.json_lines import JsonLines

        yield JsonLines(sys.stdout)
        return
    with (
        folder.trace.open("a", encoding="utf-8") as transcript,
        Trace(open_console(), transcript, quiet=quiet) as trace,
    ):
        yield trace
