"""From what a user named to the objects that a command works with, and a search in front of a person or a pipe.

Names are looked up here and nowhere deeper: models, the search space, the device, weights and images.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from common.files import cache_folder
from graph.defaults import RUNS

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agents.models.settings import ModelSettings
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from graph.events import Event
    from graph.run_folder import RunFolder
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.request import Workers
    from supernets.space.space import SearchSpace


def open_space(config: Config) -> SearchSpace:
    from supernets.families.registry import get_space

    return get_space(config.supernet, config.dataset, config.latency_device)


def open_evaluator(
    config: Config,
    progress: Callable[[int, int], None] | None = None,
    workers: Workers | None = None,
    images_name: str | None = None,
) -> Opened:
    """The evaluator of a run, with what its user must know of it.

    Args:
        images_name: name of the image set that the run recorded; None for that of the folder.
    """
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluators import open_evaluator as open_requested

    named = (config.weights, config.images, config.imagenet, config.predictor)
    weights, images, imagenet, predictor = (None if path is None else Path(path) for path in named)
    opened = open_requested(
        EvaluatorRequest(
            supernet=config.supernet, weights=weights, images=images, imagenet=imagenet,
            protocol=config.protocol, device=config.device, dataset=config.dataset, epochs=config.epochs,
            predictor=predictor, progress=progress, workers=workers, images_name=images_name,
        )
    )  # fmt: skip
    if config.fidelity == "race":
        opened.evaluator.racing((), config.race_error)  # refused where nothing is measured
    return opened


def recorded_images_name(folder: RunFolder | None, space: SearchSpace) -> str | None:
    """The name of the image set in a run's record, which its folder may no longer have; None without a record.

    Raises:
        UserError: the record cannot be read.
    """
    from contextlib import closing

    from graph.archive.archive import Archive
    from graph.record_faults import explain_faults

    if folder is None or not folder.archive.exists():
        return None
    with explain_faults(folder), closing(Archive(folder.archive, space)) as archive:
        return getattr(archive.protocol, "images", None) if archive.has_protocol else None


def open_models(config: Config, silent: bool = False, stream: bool = True) -> dict[str, list[BaseChatModel]]:
    """Chat models by role, each with its fallbacks; fetches the embedded model if it is one of them."""
    from agents.models.model_registry import chat_models

    fetch_models(config.models.values(), silent)
    return {role: chat_models(settings, seed=config.seed, stream=stream) for role, settings in config.models.items()}


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
    quiet: bool = False,
    json_lines: bool = False,
    cached: bool = False,
    stream: bool = True,
    workers: Workers | None = None,
) -> None:
    """Search, and show it; `folder`: the run to continue, None for a new one.

    Raises:
        UserError: a setting that cannot be used, or scoring that cannot go on.
        SystemExit: no architecture was found.
    """
    from contextlib import closing, nullcontext
    from dataclasses import replace

    from agents.calls.answer_cache import AnswerCache
    from agents.model_errors import ModelError
    from agents.models.model_registry import local_servers, present_keys
    from cli.terminal.console import open_console
    from cli.terminal.person_prompt import TerminalReviewer
    from cli.terminal.run_header import run_notes
    from cli.terminal.trace import Trace
    from graph.run_folder import RunFolder
    from graph.search import Search, check

    space = open_space(config)
    check(config, space)
    if config.interactive:
        _require_terminal(quiet or json_lines)
    models = open_models(config, json_lines or quiet, stream)
    with decoding_progress(json_lines or quiet) as progress:
        opened = open_evaluator(config, progress, workers, recorded_images_name(folder, space))
    if space.latency:
        opened = replace(opened, notes=(*opened.notes, space.latency.note))
    folder = folder or RunFolder.create(RUNS, config)
    notes = run_notes(config, reasons, opened, str(folder.path), present_keys(), local_servers())
    console = open_console()
    notes = replace(notes, draw=diagram(space, min(console.width, 100) - 2, console.options.ascii_only))
    try:
        answers = closing(AnswerCache(cache_folder() / "answers.sqlite")) if cached else nullcontext()
        with closing(opened.evaluator), open_sink(folder, quiet, json_lines) as sink, answers as cache:
            reviewer = TerminalReviewer(sink.suspended) if isinstance(sink, Trace) else None
            found = Search(
                config=config, space=space, evaluator=opened.evaluator, models=models, folder=folder, sink=sink,
                notes=notes, cache=cache, reviewer=reviewer,
            ).run()  # fmt: skip
    except ModelError as error:
        raise ModelError(f"{error} Continue: python main.py --resume {folder.path}") from None
    except KeyboardInterrupt:
        print(
            f"\nstopped; all scores so far are saved. Continue: python main.py --resume {folder.path}", file=sys.stderr
        )
        sys.stdout.flush()
        sys.stderr.flush()
        # The archive is closed; unloading the libraries would take seconds more.
        os._exit(130)
    if found is None:
        raise SystemExit(2)


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
