"""What commands that score share: models and an evaluator from a configuration, bars while they come, drawings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.files import cache_folder

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings
    from graph.config import Config
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.request import Workers
    from supernets.space.space import SearchSpace


def fetch_models(models: Iterable[ModelSettings], silent: bool) -> None:
    """Have the embedded model here if it may speak; it is 93 MB, so a bar says what the program waits for."""
    from agents.models.local.model_file import EMBEDDED, model_file
    from cli.terminal.console import open_console
    from cli.terminal.progress import download_bar

    if any(each.name == EMBEDDED for settings in models for each in settings.fallback_chain):
        with download_bar(open_console(sys.stderr), silent) as progress:
            model_file(EMBEDDED, cache_folder(), progress)


def loading(silent: bool) -> AbstractContextManager[Callable[[int, int], None]]:
    from cli.terminal.console import open_console
    from cli.terminal.progress import decoding_bar

    return decoding_bar(open_console(sys.stderr), silent)


def open_run(
    config: Config, progress: Callable[[int, int], None] | None = None, workers: Workers | None = None
) -> Opened:
    """The evaluator of a run, and what is to be said of it."""
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluators import open_evaluator

    named = (config.weights, config.images, config.imagenet, config.predictor)
    weights, images, imagenet, predictor = (None if path is None else Path(path) for path in named)
    opened = open_evaluator(
        EvaluatorRequest(
            config.supernet, cache_folder(), weights, images, imagenet, config.protocol,
            config.device, config.dataset, config.epochs, predictor, progress, workers,
        )
    )  # fmt: skip
    if config.fidelity == "race":
        opened.evaluator.racing((), config.race_error)  # refused where nothing is measured
    return opened


def drawer(space: SearchSpace, width: int, ascii_only: bool) -> Callable[[Any], str]:
    from cli.terminal.architecture_diagram import draw

    return lambda a: draw(space.graph(a), width, ascii_only)
