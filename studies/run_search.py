"""Searches started from a script or a notebook, as the command line starts them, with events as callbacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from agents.model_errors import ModelError
from agents.models.model_registry import default_model
from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.config import Config
from graph.defaults import RUNS
from graph.events import Sink
from graph.opening import open_evaluator, open_models, open_space, recorded_images_name
from graph.run_folder import RunFolder
from graph.search import RunNotes, Search, check
from graph.strategies import get_strategy
from studies.report.report import write_report
from studies.run import Run, load
from supernets.families.own_families import absolute_name
from supernets.families.registry import get_family

Models = str | ModelSettings | Mapping[str, str | ModelSettings] | None
"""A model for every role, as `--llm` takes it, or role to model; None for the default model."""


class SearchSettings(TypedDict, total=False):
    """Settings of a search; `graph.config.Config` describes each. Paths may be relative."""

    strategy: str
    seed: int
    evaluations: int
    minutes: float | None
    limits: Mapping[str, float | Sequence[float]]
    objective: str | None
    target: float | None
    weights: str | Path | None
    images: str | Path | None
    device: str | None
    imagenet: str | Path | None
    protocol: str
    dataset: str | None
    epochs: int | None
    predictor: str | Path | None
    disguise: bool
    tokens: int | None
    usd: float | None
    latency_device: str | None
    per_round: int
    navigator_memory: bool
    generator_memory: bool
    prescreen: float | None
    schedule: str | None
    labels: str | Path | None
    analyst_share: float
    generator_results: bool
    single: bool
    evidence: bool
    prompts: str | Path | None
    fidelity: Literal["full", "race"]
    race_error: float


_PATHS = ("weights", "images", "imagenet", "predictor", "prompts", "labels")


def ignore_event(event: object) -> None:
    """The callback that shows nothing."""


def search(
    supernet: str,
    *,
    llm: Models = None,
    runs: Path | str = RUNS,
    name: str | None = None,
    on_event: Sink = ignore_event,
    **settings: Unpack[SearchSettings],
) -> Run:
    """Search a supernet for its best sub-network, in a new run folder under `runs`.

    Args:
        supernet: as after `--supernet`; `NAME-predicted` scores by the accuracy predictor.
        name: of the run; None for one made of time, supernet and seed.
        on_event: called with every event of `graph.events`; an exception in it does not stop the search.
        settings: those that are left out have the defaults of the command line, limits included.

    Raises:
        UserError: a setting that cannot be used, or scoring that cannot go on.
        ModelError: a language model failed permanently; `resume` continues the run.
    """
    config = new_config(supernet, llm, **settings)
    check(config, open_space(config))
    return _run(config, None, on_event, Path(runs), name)


def resume(run: Path | str, *, runs: Path | str = RUNS, on_event: Sink = ignore_event) -> Run:
    """Continue a run, named by its folder or by its id under `runs`, with the settings it was started with.

    Raises:
        UserError: there is no such run, its weights or images have moved or changed, or as `search` raises.
        ModelError: as `search` raises it.
    """
    folder = RunFolder.find(Path(runs), str(run))
    return _run(folder.config(), folder, on_event)


def new_config(supernet: str, llm: Models, **settings: Unpack[SearchSettings]) -> Config:
    """The configuration of a new run, with the defaults of the command line.

    Raises:
        UserError: a setting that is unknown or cannot be used.
    """
    family = get_family(supernet)
    values: dict[str, Any] = dict(settings)
    for name in _PATHS:
        if (path := values.get(name)) is not None:
            values[name] = str(Path(path).expanduser().absolute())
    strategy = settings.get("strategy", Config.model_fields["strategy"].default)
    return Config(
        **{
            **values,
            "supernet": absolute_name(supernet),
            "limits": settings.get("limits", {} if settings.get("objective") else dict(family.default_limits)),
            "device": family.device(settings.get("device"))[0],
            "models": _models(strategy, llm),
        }
    )


def _models(strategy: str, llm: Models) -> dict[str, ModelSettings]:
    roles = get_strategy(strategy).roles
    if not roles and llm is not None:
        raise UserError(f"llm: the strategy {strategy} uses no model; leave it out")
    named = llm if isinstance(llm, Mapping) else dict.fromkeys(roles, default_model()[0] if llm is None else llm)
    if set(named) != set(roles):
        raise UserError(f"llm: expected a model for {' and '.join(roles)}, got one for {', '.join(named) or 'no role'}")
    return {
        role: model if isinstance(model, ModelSettings) else ModelSettings.named(model) for role, model in named.items()
    }


def _run(config: Config, folder: RunFolder | None, on_event: Sink, runs: Path = RUNS, name: str | None = None) -> Run:
    space, models = open_space(config), open_models(config)
    opened = open_evaluator(config, images_name=recorded_images_name(folder, space))
    folder = folder or RunFolder.create(runs, config, name)
    with closing(opened.evaluator):
        try:
            Search(
                config=config, space=space, evaluator=opened.evaluator, models=models, folder=folder, sink=on_event,
                notes=RunNotes(settings_shown=opened.settings_shown, opening=opened.notes, closing=opened.closing),
            ).run()  # fmt: skip
        except ModelError as error:
            raise ModelError(f"{error} Continue: collm_nas.resume({str(folder.path)!r})") from None
    run = load(folder.path)
    if run.stopped_because:
        write_report([run], folder.report)
    return run
