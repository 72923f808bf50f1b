"""Experiment trackers that watch a search: its settings, its scores as they come, and its files at the end.

Notable: a tracker sees the same events as the trace, which have no keys in them, and a failing one stops no search.
Nothing is sent anywhere unless a user names a tracker.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.errors import UserError, unknown_name
from graph.config import Config
from graph.events import Evaluated, Event, RoundEnded, RunEnded, Sink
from graph.run_folder import RunFolder

_log = logging.getLogger(__name__)

_MISSING = "--track {} needs an optional package: pip install 'collm-nas[trackers]'"
NAMES = ("tensorboard", "mlflow")


class Tracker(ABC):
    """Records one run. The steps of figures are the number of evaluations so far."""

    def __call__(self, event: Event) -> None:
        if isinstance(event, Evaluated):
            figures = {"top1": event.evaluation.top1, "best_top1": event.best_top1}
            if event.candidate.cost is not None:
                known = {name: figure for name, figure in event.candidate.cost.figures().items() if figure is not None}
                figures |= known
            self.log_figures(figures, event.evaluations)
            self._evaluations = event.evaluations
        elif isinstance(event, RoundEnded):
            total = event.total
            figures = {"tokens": float(total.prompt_tokens + total.completion_tokens), "calls": float(total.calls)}
            if total.cost_usd is not None:
                figures["cost_usd"] = total.cost_usd
            self.log_figures(figures, self._evaluations)
        elif isinstance(event, RunEnded) and event.result is not None:
            names = ("search_top1", "report_top1", "report_stderr")
            self.log_figures({name: event.result[name] for name in names}, self._evaluations)
            for winner in event.result.get("winners", ()):
                within = "-".join(f"{name}-{limit:g}" for name, limit in winner["limits"].items()) or "no-limit"
                self.log_figures({f"{name}/{within}": winner[name] for name in names}, self._evaluations)

    _evaluations = 0

    @abstractmethod
    def log_figures(self, figures: Mapping[str, float], step: int) -> None:
        """Record figures by name at a number of evaluations."""

    @abstractmethod
    def finish(self, files: list[Path]) -> None:
        """Record the files that exist of these, and close."""


class TensorBoard(Tracker):
    """Event files in the folder `tensorboard` of the run."""

    def __init__(self, config: Config, folder: RunFolder) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise UserError(
                "--track tensorboard needs an optional package: pip install 'collm-nas[trackers]'"
            ) from None
        self._writer: Any = SummaryWriter(str(folder.path / "tensorboard"), flush_secs=10)
        rows = "\n".join(f"| {name} | {value} |" for name, value in parameters(config).items())
        self._writer.add_text("settings", f"| setting | value |\n|---|---|\n{rows}")

    def log_figures(self, figures: Mapping[str, float], step: int) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def finish(self, files: list[Path]) -> None:
        self._writer.add_text("files", "\n".join(f"- {path}" for path in files if path.exists()))
        self._writer.close()


class MLflow(Tracker):
    """A run on the server that MLFLOW_TRACKING_URI names, in the experiment of MLFLOW_EXPERIMENT_NAME."""

    def __init__(self, config: Config, folder: RunFolder) -> None:
        try:
            import mlflow
        except ImportError:
            raise UserError(_MISSING.format("mlflow")) from None
        self._mlflow: Any = mlflow
        try:
            self._mlflow.start_run(run_name=folder.id)
            self._mlflow.log_params(parameters(config))
        except Exception as error:  # of the tracking server's many kinds
            raise UserError(
                f"--track mlflow: the run could not be begun ({type(error).__name__}: {error}); check "
                "MLFLOW_TRACKING_URI, or leave the option out"
            ) from error

    def log_figures(self, figures: Mapping[str, float], step: int) -> None:
        self._mlflow.log_metrics(dict(figures), step=step)

    def finish(self, files: list[Path]) -> None:
        try:
            for path in files:
                if path.exists():
                    self._mlflow.log_artifact(str(path))
        finally:
            self._mlflow.end_run()


def open_tracker(name: str, config: Config, folder: RunFolder) -> Tracker:
    """
    Raises:
        UserError: no tracker has this name, its package is missing, or its server does not answer.
    """
    kinds: dict[str, type[TensorBoard] | type[MLflow]] = dict(zip(NAMES, (TensorBoard, MLflow), strict=True))
    if name not in kinds:
        raise UserError(unknown_name("tracker", name, NAMES))
    return kinds[name](config, folder)


@contextmanager
def tracking(names: Sequence[str], config: Config, folder: RunFolder) -> Iterator[Sink]:
    """A sink for the events of a run that hands them to trackers, and closes them with the run's files at the end.

    Raises:
        UserError: as `open_tracker` raises.
    """
    trackers = [open_tracker(name, config, folder) for name in names]

    def watch(event: Event) -> None:
        for tracker in trackers:
            tracker(event)

    try:
        yield watch
    finally:
        for tracker in trackers:
            try:
                tracker.finish([folder.result, folder.report, folder.path / "config.json"])
            except Exception as error:  # a tracker that fails costs nothing but its own record
                _log.warning("a tracker could not be closed (%s: %s)", type(error).__name__, error)


def parameters(config: Config) -> dict[str, str]:
    """The settings of a run that are not defaults, in words; models by name alone."""
    usual = Config(supernet=config.supernet).settings()
    values = {name: value for name, value in config.settings().items() if name == "seed" or value != usual.get(name)}
    limits = {f"max_{name}": limit for name, limit in values.pop("limits", {}).items()}
    models = {role: settings.name for role, settings in sorted(config.models.items())}
    named = {**values, **limits, **models, "supernet": config.label, "strategy": config.strategy}
    return {name: str(value) for name, value in named.items()}
